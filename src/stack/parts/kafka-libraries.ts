import { join } from 'node:path';
import { runMaven } from '../fetch/maven.ts';
import type { Artifact } from '../fetch/maven.ts';
import { assertDigest } from '../fetch/tree-digest.ts';
import type { Download } from '../download.ts';

export const kafkaVersion = '4.3.1';

const kafkaArtifact = (name: string): Artifact => ({
  group: 'org.apache.kafka',
  name,
  version: kafkaVersion,
});

const libraries: readonly Artifact[] = [
  kafkaArtifact('kafka_2.13'),
  kafkaArtifact('connect-runtime'),
  kafkaArtifact('connect-json'),
  kafkaArtifact('connect-transforms'),
  { group: 'org.slf4j', name: 'slf4j-simple', version: '1.7.36' },
];

/** Of all 91 archives, since Maven takes what comes where a mirror serves no checksums. */
const digest = 'f2723ee72a6c329c92de164fe0644a1c5197cff30d0692105fed1daefb551c4b';

/** Kafka and Kafka Connect with all they depend on. */
export const kafkaDownload: Download = {
  name: `kafka-${kafkaVersion}`,
  title: `Kafka and Kafka Connect ${kafkaVersion}`,
  bytes: 55_000_000,
  tools: ['java', 'maven'],
  async fetch(into, context) {
    const self = { group: 'tandem', name: 'kafka', version: '1' };
    const steps = [{ goal: 'copy-dependencies', folder: 'libs' }];
    await runMaven({ self, dependencies: libraries, steps }, into, context);
    await assertDigest(join(into, 'libs'), digest);
  },
};

/** Class path of both servers. */
export const kafkaClassPath = (downloads: string): string => join(downloads, kafkaDownload.name, 'libs', '*');
