import { noKeys } from '../../temporal/payload-keys.ts';
import type { PayloadKeys } from '../../temporal/payload-keys.ts';
import type { Settings } from './settings.ts';

/** Where Temporal is, and what its payloads are encrypted with. */
export interface TemporalServer {
  address: string;
  namespace: string;
  keys: PayloadKeys;
}

export const temporalServer = (settings: Settings): TemporalServer => ({
  address: settings.temporalAddress,
  namespace: settings.temporalNamespace,
  keys: settings.payloadKeys ?? settings.payloadKeysFile ?? noKeys,
});
