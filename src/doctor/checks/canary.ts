import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { canaryName, canaryTable } from '../../change/canary.ts';
import { isEcho } from '../../change/echo.ts';
import type { ParsedRecord } from '../../change/parsers/captured-change.ts';
import { parseRecord } from '../../change/parsers/record.ts';
import { makeCanary } from '../../database/canary.ts';
import type { FeedRecord } from '../../ingest/change-feed.ts';
import { createMissingTopics } from '../../ingest/kafka/topics.ts';
import { askKafka } from '../../process/ask-kafka.ts';
import { sidePrefix } from '../../process/config/sides.ts';
import { captures, filters } from '../canary/captures.ts';
import { judgeCanary } from '../canary/judge.ts';
import type { CanarySeen, Writer } from '../canary/judge.ts';
import { watchTopics } from '../canary/watch.ts';
import { writeCanary } from '../canary/write.ts';
import { hasConnector, onEachSide, onServer } from '../check.ts';
import type { Check } from '../check.ts';
import type { DoctorContext, InspectedSide } from '../context.ts';
import { fail, ok, reason } from '../finding.ts';
import type { Finding } from '../finding.ts';

const pollMs = 50;

const day = 86_400_000;

/** What Tandem writes here can come back only where it also reads. */
const canLoop = (side: InspectedSide): boolean => side.side.isTarget && hasConnector(side);

/** A topic that was there before holds other things too. */
function parsedOrNot(record: FeedRecord): ParsedRecord | null {
  try {
    return parseRecord(record);
  } catch {
    return null;
  }
}

/** The canary's changes among the records of one run, with what ingest would make of each. */
function observed(id: string) {
  const seen: CanarySeen[] = [];
  let ended = false;
  return {
    seen,
    ended: () => ended,
    take(record: FeedRecord) {
      const parsed = parsedOrNot(record);
      if (parsed?.kind !== 'change' || parsed.change.source.table !== canaryTable.name) return;
      const { op, before, after } = parsed.change;
      const row = after ?? before;
      if (row?.['id'] !== id) return;
      const writer = row['written_as'] as Writer;
      const sourceColumn = writer === 'mark' ? null : 'source';
      seen.push({ writer, layer: isEcho(parsed.change, { sourceColumn }) });
      ended ||= writer === 'app' && op === 'd';
    },
  };
}

async function fly(
  { settings, kafka, signal }: DoctorContext,
  inspected: InspectedSide,
  config: Readonly<Record<string, string>>,
  patienceMs: number,
): Promise<Finding[]> {
  const { side, pipeline, tables, database } = inspected;
  const [app, own, admin] = [await inspected.admin(), await inspected.own(), await kafka()];
  const marks = settings.originMarks && (await database.capabilities()).originMarks;
  const hasSource = tables.some(({ table }) => table.sourceColumn !== null);
  const written = [...(marks ? ['mark' as const] : []), ...(hasSource ? ['source' as const] : [])];

  const topics = inspected.settings.topics ?? side.topics ?? [`${config['topic.prefix']}.${canaryName}`];
  const { maxMessageBytes } = settings;
  await createMissingTopics(
    admin,
    new Map(topics.map((topic) => [topic, { partitions: 1, retentionMs: day, maxMessageBytes }])),
  );
  const id = randomUUID();
  const observation = observed(id);
  const client = askKafka(settings, 'tandem-canary', 5000);
  const watch = await watchTopics(client, admin, topics, (record) => observation.take(record));
  try {
    const drop = await makeCanary(side.engine, {
      admin: app,
      own,
      publication: config['publication.name'] ?? null,
    });
    const began = Date.now();
    try {
      await writeCanary(inspected, app, id, written);
      while (!observation.ended() && !signal.aborted && Date.now() - began < patienceMs) await delay(pollMs);
    } finally {
      await drop().catch((error: unknown) => {
        throw new Error(`${canaryName} could not be dropped (${reason(error)}): drop it by hand`);
      });
    }
    signal.throwIfAborted();
    return judgeCanary({
      side: side.name,
      pipeline: pipeline.name,
      written,
      seen: observation.seen,
      ended: observation.ended(),
      filtered: filters(config),
      seconds: (Date.now() - began) / 1000,
    });
  } finally {
    await watch.stop();
  }
}

async function flyWhereCaptured(
  context: DoctorContext,
  inspected: InspectedSide,
  config: Readonly<Record<string, string>> | null,
  patienceMs: number,
): Promise<Finding[]> {
  const { side, pipeline, settings } = inspected;
  const subject = `${side.name}: canary`;
  const apply = `tandem connectors apply ${pipeline.name}`;
  if (settings.adminUrl === null)
    return [
      fail(
        subject,
        'needs an administrator, who makes its table and writes as an app',
        `set ${sidePrefix(side.name)}_ADMIN_URL and run it again`,
      ),
    ];
  if (config === null) return [fail(subject, `the connector ${side.connector} is not registered`, apply)];
  if (!captures(config, canaryTable.schema, canaryTable.name))
    return [
      fail(
        subject,
        `the connector ${side.connector} does not capture ${canaryName}`,
        `${apply}, after its file in debezium/ names the table in table.include.list (on MySQL ${canaryTable.schema} in database.include.list too)`,
      ),
    ];
  try {
    return await fly(context, inspected, config, patienceMs);
  } catch (error) {
    return [
      fail(
        subject,
        `could not be flown: ${reason(error)}`,
        'repair what the message names, and run it again',
      ),
    ];
  }
}

/** Where it was asked for, not to have been proved is a failure. */
const unproved = (finding: Finding): Finding =>
  finding.status === 'skip'
    ? fail(finding.subject, finding.message, 'tandem doctor --only connectivity')
    : finding;

/**
 * What Tandem writes does not come back as an event for the other side, and what an app writes does. Takes a table of its
 * own, in the ledger, for as long as it lasts. `patienceMs`: how long a connector may take to bring the app's write.
 */
export const canaryWithin = (patienceMs: number): Check => ({
  name: 'canary',
  title: "Tandem's own writes do not come back",
  timeoutMs: patienceMs + 90_000,
  async run(context) {
    const sides = context.sides.filter(canLoop);
    if (sides.length === 0) return [ok('canary', 'no side is both read and written: nothing can loop')];
    const found = await onServer('Kafka Connect', context.connect, (rest) =>
      onServer('Kafka', context.kafka, () =>
        onEachSide({ ...context, sides }, async (side) =>
          flyWhereCaptured(context, side, await rest.config(side.side.connector), patienceMs),
        ),
      ),
    );
    return found.map(unproved);
  },
});

export const canary = canaryWithin(30_000);
