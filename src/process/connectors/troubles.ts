import type { Trouble, TroubleKind } from '../../observability/troubles.ts';
import { restartLimits } from './restarts.ts';
import type { ConnectorState, ConnectorView } from './watch.ts';

/** What may pass by itself is no trouble before it has lasted so long, milliseconds. */
export const graceMs = 60_000;

interface Meaning {
  kind: TroubleKind;
  severity: Trouble['severity'];
  atOnce: boolean;
  message: string;
  repair: (connector: string, pipeline: string) => string;
}

const meanings: Record<Exclude<ConnectorState, 'running'>, Meaning> = {
  failed: {
    kind: 'connector_failed',
    severity: 'fail',
    atOnce: true,
    message: 'the connector or a task of it failed',
    repair: (_, pipeline) => `repair the cause, then tandem connectors apply ${pipeline}`,
  },
  starting: {
    kind: 'connector_not_running',
    severity: 'fail',
    atOnce: false,
    message: 'it has no task that runs',
    repair: (_, pipeline) => `tandem connectors status ${pipeline}; look at Kafka Connect's log`,
  },
  missing: {
    kind: 'connector_missing',
    severity: 'fail',
    atOnce: false,
    message: 'it is not registered',
    repair: (_, pipeline) => `tandem connectors apply ${pipeline}`,
  },
  paused: {
    kind: 'connector_paused',
    severity: 'warn',
    atOnce: true,
    message: 'it was paused or stopped: changes wait in the log',
    repair: (connector) => `curl -X PUT $CONNECT_URL/connectors/${connector}/resume`,
  },
  unreachable: {
    kind: 'connect_unreachable',
    severity: 'fail',
    atOnce: false,
    message: 'Kafka Connect does not answer',
    repair: () => 'start Kafka Connect, or correct CONNECT_URL',
  },
};

/** The troubles of a pipeline's connectors; `restartsLeft` gives null where another process restarts them. */
export function connectorTroubles(
  pipeline: string,
  views: readonly ConnectorView[],
  now: number,
  restartsLeft: (connector: string) => number | null,
): Trouble[] {
  return views.flatMap(({ name, state, since, cause }) => {
    if (state === 'running') return [];
    const { kind, severity, atOnce, message, repair } = meanings[state];
    if (!atOnce && now - since < graceMs) return [];
    const left = state === 'failed' ? restartsLeft(name) : null;
    const tried = left === null ? [] : [`${left} of ${restartLimits.times} restarts in 10 minutes left`];
    return [
      {
        kind,
        name,
        severity,
        message: [message, ...cause.slice(-1), ...tried].join('; '),
        repair: repair(name, pipeline),
      },
    ];
  });
}
