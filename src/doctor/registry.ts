import type { Check } from './check.ts';
import { canary } from './checks/canary.ts';
import { clocks } from './checks/clocks.ts';
import { columnMap } from './checks/column-map.ts';
import { connectivity } from './checks/connectivity.ts';
import { connectors } from './checks/connectors.ts';
import { consumers } from './checks/consumers.ts';
import { excess } from './checks/excess.ts';
import { ledger } from './checks/ledger.ts';
import { logSettings } from './checks/log-settings.ts';
import { payloadKeys } from './checks/payload-keys.ts';
import { privileges } from './checks/privileges.ts';
import { queues } from './checks/queues.ts';
import { retention } from './checks/retention.ts';
import { tables } from './checks/tables.ts';
import { temporalNamespace } from './checks/temporal-namespace.ts';
import { topics } from './checks/topics.ts';
import { transport } from './checks/transport.ts';
import { versions } from './checks/versions.ts';

/** Everything `tandem doctor` looks at, in the order of the report. A new check is one file and one line here. */
export const checks: readonly Check[] = [
  connectivity,
  transport,
  versions,
  clocks,
  logSettings,
  privileges,
  excess,
  tables,
  columnMap,
  ledger,
  topics,
  queues,
  connectors,
  retention,
  consumers,
  temporalNamespace,
  payloadKeys,
];

/** What is looked at only when it is asked for: it writes. */
export const askedFor: readonly Check[] = [canary];
