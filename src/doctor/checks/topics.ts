import type { Admin } from 'kafkajs';
import { createMissingTopics } from '../../ingest/kafka/topics.ts';
import type { Settings } from '../../process/config/settings.ts';
import { sideTopics } from '../../process/side-topics.ts';
import { changeTopic, deadLetterTopic } from '../../process/topic-settings.ts';
import { onServer } from '../check.ts';
import type { Check } from '../check.ts';
import { fail, ok, warn } from '../finding.ts';
import type { Finding, Fix } from '../finding.ts';
import { alterTopic, configOf } from '../topic-config.ts';

const day = 86_400_000;

interface Wanted {
  retentionDays: number;
  maxMessageBytes: number;
  /** How long the ledger remembers what was read; null where nothing is read from the topic. */
  ledgerDays: number | null;
}

const alter = (topic: string, config: string) =>
  `kafka-configs.sh --alter --entity-type topics --entity-name ${topic} --add-config ${config}`;

/** Judges one topic's settings, as Kafka gives them. */
export function judgeTopic(
  topic: string,
  config: ReadonlyMap<string, string>,
  { retentionDays, ledgerDays, maxMessageBytes }: Wanted,
  set?: (name: string, value: string) => Fix,
): Finding[] {
  const findings: Finding[] = [];
  const retention = Number(config.get('retention.ms'));
  if (config.get('cleanup.policy')?.includes('compact'))
    findings.push(
      fail(
        topic,
        'is compacted: Kafka drops changes that were not read yet',
        alter(topic, 'cleanup.policy=delete'),
      ),
    );
  if (retention >= 0 && retention < retentionDays * day)
    findings.push(
      warn(
        topic,
        `keeps records for ${(retention / day).toFixed(1)} days, less than ${retentionDays}`,
        alter(topic, `retention.ms=${retentionDays * day}`),
        set?.('retention.ms', String(retentionDays * day)),
      ),
    );
  if (ledgerDays !== null && (retention < 0 || retention > ledgerDays * day))
    findings.push(
      warn(
        topic,
        `keeps records ${retention < 0 ? 'for ever' : `for ${(retention / day).toFixed(1)} days`}, longer than the ledger remembers events (${ledgerDays} days): nothing is purged before`,
        alter(topic, `retention.ms=${retentionDays * day}`),
      ),
    );
  const largest = Number(config.get('max.message.bytes'));
  if (largest < maxMessageBytes)
    findings.push(
      warn(
        topic,
        `takes records up to ${largest} bytes, less than ${maxMessageBytes}`,
        alter(topic, `max.message.bytes=${maxMessageBytes}`),
        set?.('max.message.bytes', String(maxMessageBytes)),
      ),
    );
  const compression = config.get('compression.type') ?? 'producer';
  if (!['producer', 'gzip', 'uncompressed'].includes(compression))
    findings.push(
      fail(
        topic,
        `is compressed by ${compression}, which the reader cannot decompress`,
        alter(topic, 'compression.type=producer'),
        set?.('compression.type', 'producer'),
      ),
    );
  return findings.length > 0 ? findings : [ok(topic, 'exists, as it must be')];
}

/** Makes all that are missing, with the settings `tandem connectors apply` gives them. */
const making = (admin: Admin, settings: Settings, wanted: ReadonlyMap<string, Wanted>): Fix => ({
  key: 'topics',
  async run() {
    const topics = [...wanted.keys()].map((topic) => {
      const its = topic === settings.deadLetterTopic ? deadLetterTopic : changeTopic;
      return [topic, its(settings)] as const;
    });
    return `made ${(await createMissingTopics(admin, new Map(topics))).join(', ')}`;
  },
});

const setting =
  (admin: Admin, topic: string) =>
  (name: string, value: string): Fix => ({
    key: `topic ${topic}: ${name}`,
    async run() {
      await alterTopic(admin, topic, name, value);
      return `set it to ${value}`;
    },
  });

async function inspect(
  admin: Admin,
  settings: Settings,
  wanted: ReadonlyMap<string, Wanted>,
): Promise<Finding[]> {
  const existing = new Set(await admin.listTopics());
  const make = making(admin, settings, wanted);
  const findings: Finding[] = [];
  for (const [topic, kept] of wanted)
    if (!existing.has(topic)) findings.push(fail(topic, 'does not exist', 'tandem connectors apply', make));
    else findings.push(...judgeTopic(topic, await configOf(admin, topic), kept, setting(admin, topic)));
  return findings;
}

/** Topics exist, keep what they must for long enough, and can be read. */
export const topics: Check = {
  name: 'topics',
  title: 'Topics are as they must be',
  run: (context) =>
    onServer('Kafka', context.kafka, async (admin) => {
      const { settings } = context;
      const { maxMessageBytes } = settings;
      const wanted = new Map<string, Wanted>();
      for (const { side, settings: own } of context.sides) {
        for (const topic of sideTopics(side, own))
          wanted.set(topic, {
            maxMessageBytes,
            retentionDays: settings.topicRetentionDays,
            ledgerDays: settings.ledgerRetentionDays,
          });
      }
      wanted.set(settings.deadLetterTopic, {
        maxMessageBytes,
        retentionDays: settings.deadLetterRetentionDays,
        ledgerDays: null,
      });
      return inspect(admin, settings, wanted);
    }),
};
