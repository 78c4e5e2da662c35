import { noKeys } from '../../temporal/payload-keys.ts';
import { readTlsFiles } from '../../tls/files.ts';
import type { TemporalServer } from '../temporal-server.ts';
import type { Settings } from './settings.ts';

/** Where Temporal is, how to reach it, and what its payloads are encrypted with. */
export function temporalServer(settings: Settings): TemporalServer {
  const { temporalAddress: address, temporalNamespace: namespace, temporalTls, temporalApiKey } = settings;
  const server: TemporalServer = {
    address,
    namespace,
    keys: settings.payloadKeys ?? noKeys,
  };
  if (temporalTls) {
    const { ca, cert, key } = readTlsFiles({
      authority: settings.temporalAuthority,
      certificate: settings.temporalCertificate,
      key: settings.temporalKey,
    });
    server.tls = {
      ...(settings.temporalServerName !== null && { serverNameOverride: settings.temporalServerName }),
      ...(ca && { serverRootCACertificate: ca }),
      ...(cert && key && { clientCertPair: { crt: cert, key } }),
    };
  }
  if (temporalApiKey !== null) server.apiKey = temporalApiKey;
  return server;
}
