import { fetchOnce } from '../../src/stack/download.ts';
import { mainStack, stackFolders } from '../../src/stack/folders.ts';
import { temporalDownload, temporalFetched, temporalOnPath } from '../../src/stack/parts/temporal-binary.ts';
import { packageRoot } from '../../src/package-root.ts';
import { join } from 'node:path';

/** Path of the Temporal CLI, which is a server too; fetched at the first call. */
export async function temporalServerPath(): Promise<string> {
  const found = await temporalOnPath(process.env);
  if (found) return found.file;
  const { downloads } = stackFolders(join(packageRoot, '.stack'), mainStack);
  const signal = AbortSignal.timeout(600_000);
  await fetchOnce(downloads, temporalDownload, { signal, onProgress: () => undefined });
  return temporalFetched(downloads).file;
}
