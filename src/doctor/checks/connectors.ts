import { isRunning, settleMs, untilSettled } from '../../process/connectors.ts';
import type { ConnectorStatus, ConnectRest } from '../../process/connectors/connect-rest.ts';
import { hasConnector, onServer } from '../check.ts';
import type { Check } from '../check.ts';
import { fail, ok, warn } from '../finding.ts';
import type { Finding, Fix } from '../finding.ts';

const restartPatienceMs = 30_000;

const because = (state: string, cause: readonly string[]) => [state, ...cause.slice(-1)].join(': ');

/** What has failed of it is started once more, and told whether it stays up. */
const restart = (rest: ConnectRest, connector: string): Fix => ({
  key: `connector ${connector}`,
  async run() {
    await rest.restartFailed(connector);
    const status = await untilSettled(rest, connector, settleMs, { patienceMs: restartPatienceMs });
    return `restarted what had failed: ${isRunning(status) ? 'it runs' : 'it failed again'}`;
  },
});

/** Judges a connector as Kafka Connect sees it; null where it is not registered. */
export function judgeConnector(
  connector: string,
  pipeline: string,
  status: ConnectorStatus | null,
  fix?: Fix,
): Finding[] {
  const apply = `tandem connectors apply ${pipeline}`;
  if (status === null) return [fail(connector, 'is not registered', apply)];
  if (status.state === 'PAUSED' || status.state === 'STOPPED') {
    const resume = `curl -X PUT $CONNECT_URL/connectors/${connector}/resume`;
    return [warn(connector, `is ${status.state}: changes wait in the log`, resume)];
  }
  if (status.state !== 'RUNNING')
    return [fail(connector, because(status.state, status.cause), `repair the cause, then ${apply}`, fix)];
  if (status.tasks.length === 0) return [fail(connector, 'has no task', apply)];
  const broken = status.tasks.filter(({ state }) => state !== 'RUNNING');
  if (broken.length === 0) return [ok(connector, 'runs')];
  return broken.map(({ id, state, cause }) =>
    fail(`${connector} task ${id}`, because(state, cause), `repair the cause, then ${apply}`, fix),
  );
}

/** Connectors are registered and their tasks run. */
export const connectors: Check = {
  name: 'connectors',
  title: 'Connectors run',
  run: (context) =>
    onServer('Kafka Connect', context.connect, async (rest) => {
      const captured = context.sides.filter(hasConnector);
      const findings = await Promise.all(
        captured.map(async ({ pipeline, side }) =>
          judgeConnector(
            side.connector,
            pipeline.name,
            await rest.status(side.connector),
            restart(rest, side.connector),
          ),
        ),
      );
      return findings.flat();
    }),
};
