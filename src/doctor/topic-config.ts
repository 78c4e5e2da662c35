import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';

const type = kafkajs.ConfigResourceTypes.TOPIC;

async function entriesOf(admin: Admin, topic: string) {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type, name: topic }],
  });
  return resources[0]?.configEntries ?? [];
}

/** A topic's settings, as Kafka gives them. */
export async function configOf(admin: Admin, topic: string): Promise<Map<string, string>> {
  const entries = await entriesOf(admin, topic);
  return new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
}

/** Changes one setting. Kafka forgets what the topic's own others were, so they are said again. */
export async function alterTopic(admin: Admin, topic: string, name: string, value: string): Promise<void> {
  const own = (await entriesOf(admin, topic)).filter(
    ({ configSource }) => configSource === kafkajs.ConfigSource.TOPIC_CONFIG,
  );
  const settings = new Map(own.map(({ configName, configValue }) => [configName, configValue]));
  settings.set(name, value);
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type,
        name: topic,
        configEntries: [...settings].map(([name, value]) => ({ name, value })),
      },
    ],
  });
}
