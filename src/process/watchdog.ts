import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { inspection, openInspection } from '../database/inspector.ts';
import type { LogRetention } from '../database/log-retention.ts';
import type { Ingester } from '../ingest/ingester.ts';
import type { Health } from '../observability/health.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Trouble, TroubleObserver, Troubles } from '../observability/troubles.ts';
import type { SideSettings } from './config/sides.ts';
import { ConnectRest } from './connectors/connect-rest.ts';
import { ConnectorRestarter } from './connectors/restarts.ts';
import { connectorTroubles } from './connectors/troubles.ts';
import type { ConnectorsWatch } from './connectors/watch.ts';

const lookMs = 5000;
const retentionMs = 60_000;

export interface WatchdogOptions {
  /** What this process ingests: the sides to watch. */
  ingesters: readonly Pick<Ingester, 'pipeline' | 'side' | 'position'>[];
  sides: ReadonlyMap<string, ReadonlyMap<string, SideSettings>>;
  connectUrl: string;
  /** Watched by whoever gives it. */
  connectors: ConnectorsWatch;
  health: Health;
  troubles: Troubles;
  metrics: Metrics;
  log: Logger;
}

interface WatchedSide {
  pipeline: string;
  side: SideSettings;
  connector: string;
  leads: () => boolean;
}

/** Metrics and log lines of troubles. */
export const observeTroubles = (metrics: Metrics, log: Logger): TroubleObserver => ({
  detected({ kind, name, severity, message, repair }) {
    metrics.trouble({ trouble: kind, name }, true);
    log[severity === 'fail' ? 'error' : 'warn']({ trouble: kind, name, error: message, repair }, 'trouble');
  },
  repaired({ kind, name }, lastedMs) {
    metrics.trouble({ trouble: kind, name }, false);
    log.info({ trouble: kind, name, lasted_s: Math.round(lastedMs / 1000) }, 'trouble is over');
  },
});

/**
 * Watches what brings changes to this process until the signal aborts: the connectors of the sides it ingests (and
 * restarts what failed, where it leads the side), its consumers, and whether the sides' logs reach back far enough. Of a
 * side whose changes come in a queue its consumer only.
 * Never rejects.
 */
export async function watchdog(options: WatchdogOptions, signal: AbortSignal): Promise<void> {
  if (options.ingesters.length === 0) return;
  const watched = options.ingesters.flatMap((ingester): WatchedSide[] => {
    const { pipeline, side } = ingester;
    const settings = options.sides.get(pipeline.name)!.get(side)!;
    if (settings.feed === 'sqs') return [];
    const { connector } = pipeline.sides.get(side)!;
    return [{ pipeline: pipeline.name, side: settings, connector, leads: () => ingester.position().leads }];
  });
  const rest = new ConnectRest(options.connectUrl, { patienceMs: 1000, answerMs: lookMs, signal });
  const { connectors } = options;
  await Promise.all([
    every(lookMs, signal, watchMovement(options, watched, connectors, rest)),
    every(retentionMs, signal, () => watchRetention(options, watched, connectors, rest)),
  ]);
}

async function every(intervalMs: number, signal: AbortSignal, look: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await look();
    await delay(intervalMs, undefined, { signal }).catch(() => {});
  }
}

function watchMovement(
  { health, troubles, metrics, log }: WatchdogOptions,
  watched: readonly WatchedSide[],
  connectors: ConnectorsWatch,
  rest: ConnectRest,
): () => Promise<void> {
  const leads = (name: string) => watched.some(({ connector, leads }) => connector === name && leads());
  const restarter = new ConnectorRestarter({
    restart: (connector) => rest.restartFailed(connector),
    onRestart(connector, left) {
      metrics.connectorRestarted(connector);
      log.warn({ connector, left }, 'restarting what failed of the connector');
    },
    onLeft: (connector) => log.error({ connector }, 'the connector fails again and again: left for now'),
  });
  const left = (connector: string) => (leads(connector) ? restarter.left(connector) : null);
  return async () => {
    await restarter.act(connectors.all(), leads);
    const now = Date.now();
    const seen = watched.flatMap(({ pipeline, connector }) => {
      const view = connectors.of(connector);
      return view === null ? [] : connectorTroubles(pipeline, [view], now, left);
    });
    troubles.report('connectors', seen);
    troubles.report('consumers', health.unmoved().map(stuck));
  };
}

const stuck = (side: string): Trouble => ({
  kind: 'consumer_stuck',
  name: side,
  severity: 'fail',
  message: 'records wait and none was taken for a minute, although every check is well',
  repair: 'restart the process; /livez fails, so an orchestrator does it by itself',
});

async function watchRetention(
  { troubles, metrics }: WatchdogOptions,
  watched: readonly WatchedSide[],
  connectors: ConnectorsWatch,
  rest: ConnectRest,
): Promise<void> {
  const seen = await Promise.all(
    watched.map(async ({ side, connector }) => {
      const retention = await retentionOf(side, connector, connectors, rest).catch(() => null);
      if (retention === null) return [];
      metrics.logHeadroom(side.name, { seconds: retention.secondsLeft, bytes: retention.bytesLeft });
      return retentionTroubles(side.name, retention);
    }),
  );
  troubles.report('retention', seen.flat());
}

/** A connection for the one question: the pool of a worker need not be in this process, and once a minute is seldom. */
async function retentionOf(
  { engine, databaseUrl }: SideSettings,
  connector: string,
  connectors: ConnectorsWatch,
  rest: ConnectRest,
): Promise<LogRetention> {
  const config = await rest.config(connector);
  const connection = await openInspection(engine, databaseUrl);
  try {
    const offset = connectors.of(connector)?.offset ?? (await rest.offsets(connector))[0] ?? null;
    return await inspection(engine).inspectRetention(connection, { config, offset });
  } finally {
    await connection.close();
  }
}

export function retentionTroubles(side: string, { state, found, repair }: LogRetention): Trouble[] {
  if (state !== 'running_out' && state !== 'lost') return [];
  return [
    {
      kind: state === 'lost' ? 'log_lost' : 'log_running_out',
      name: side,
      severity: 'fail',
      message: found,
      repair: repair ?? 'tandem doctor',
    },
  ];
}
