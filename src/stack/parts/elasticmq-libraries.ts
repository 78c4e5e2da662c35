import { join } from 'node:path';
import { runMaven } from '../fetch/maven.ts';
import { assertDigest } from '../fetch/tree-digest.ts';
import type { Download } from '../download.ts';

export const elasticmqVersion = '1.7.1';

/** Of all 39 archives, since Maven takes what comes where a mirror serves no checksums. */
const digest = '6575f6e1f7968c697f27ccd9cfc52c3cf0e49af40ae28228a85e835b7c0840bc';

/** ElasticMQ with all it depends on. */
export const elasticmqDownload: Download = {
  name: `elasticmq-${elasticmqVersion}`,
  title: `ElasticMQ ${elasticmqVersion}`,
  bytes: 38_000_000,
  tools: ['java', 'maven'],
  async fetch(into, context) {
    const self = { group: 'tandem', name: 'elasticmq', version: '1' };
    const server = { group: 'org.elasticmq', name: 'elasticmq-server_2.13', version: elasticmqVersion };
    const steps = [{ goal: 'copy-dependencies', folder: 'libs' }];
    await runMaven({ self, dependencies: [server], steps }, into, context);
    await assertDigest(join(into, 'libs'), digest);
  },
};

export const elasticmqClassPath = (downloads: string): string =>
  join(downloads, elasticmqDownload.name, 'libs', '*');
