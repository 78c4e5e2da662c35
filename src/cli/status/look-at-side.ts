import type { CompiledPipeline, CompiledSide } from '../../pipeline/route.ts';
import { pollId } from '../../temporal/names.ts';
import { askTemporal } from './ask-temporal.ts';
import { isRunning } from './is-running.ts';
import { lookAtConnector, lookAtLog } from './look-at-connector.ts';
import type { SideStatus } from './report.ts';
import type { Servers } from './servers.ts';
import { isAway, told } from './told.ts';

/** A side's database and what captures its changes; who reads them is asked for all sides together. Never rejects. */
export async function lookAtSide(
  servers: Servers,
  pipeline: CompiledPipeline,
  side: CompiledSide,
): Promise<Omit<SideStatus, 'reader'>> {
  const { name, connector: connectorName } = side;
  const { settings, database } = servers.sides(pipeline).get(name)!;
  const { rest, client } = servers;
  const feed = side.polling ? 'polling' : side.tables.length > 0 ? settings.feed : null;
  const [answered, connector, kept, poll] = await Promise.all([
    told(`database ${name}`, async () => {
      const began = performance.now();
      await database.ping();
      return { answerMs: Math.round(performance.now() - began) };
    }),
    feed === 'kafka' ? told('Kafka Connect', () => lookAtConnector(rest, connectorName)) : null,
    feed === 'kafka' ? told(`log of ${name}`, () => lookAtLog(rest, connectorName, settings)) : null,
    feed === 'polling'
      ? askTemporal(client, servers.settings.temporalAddress, async () => ({
          running: await isRunning(client, pollId(pipeline.name, name)),
        }))
      : null,
  ]);
  // Whose absence keeps the log from being judged is told once.
  const log = isAway(kept) ? ([answered, connector].find(isAway) ?? kept) : kept;
  return { side: name, engine: settings.engine, database: answered, feed, connector, log, poll };
}
