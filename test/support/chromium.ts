import { chmodSync, createReadStream, createWriteStream, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { packageRoot } from '../../src/package-root.ts';
import { fetchOnce } from '../../src/stack/download.ts';
import type { Download } from '../../src/stack/download.ts';
import { fetchNpm } from '../../src/stack/fetch/npm.ts';
import { runClient } from '../../src/stack/fetch/run-client.ts';
import { mainStack, stackFolders } from '../../src/stack/folders.ts';
import { pathBinary } from '../../src/stack/path-binary.ts';

/** A headless Chromium for Linux x64 with the libraries and fonts that a bare machine lacks. */
const release = {
  name: '@sparticuz/chromium',
  version: '153.0.0',
  integrity:
    'sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==',
};

const download: Download = {
  name: `chromium-${release.version}`,
  title: 'Chromium',
  bytes: 215_000_000,
  tools: ['npm'],
  async fetch(into, { signal }) {
    const packed = join(await fetchNpm(release, into, signal), 'bin');
    const unpacked = (name: string) => join(into, name);
    const unpack = (name: string) =>
      pipeline(
        createReadStream(join(packed, `${name}.br`)),
        createBrotliDecompress(),
        createWriteStream(unpacked(name)),
        { signal },
      );
    await unpack('chromium');
    chmodSync(unpacked('chromium'), 0o755);
    for (const archive of ['al2023.tar', 'fonts.tar']) {
      await unpack(archive);
      await runClient('tar', ['-xf', unpacked(archive), '--no-same-owner'], { cwd: into, signal });
      rmSync(unpacked(archive));
    }
    writeFileSync(unpacked('fonts.conf'), fontsConfiguration);
    rmSync(join(into, 'node_modules'), { recursive: true });
  },
};

const fontsConfiguration = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir><dir>/usr/share/fonts</dir></fontconfig>
`;

/** As Chromium runs for root and in a container too, and asks for nothing of the net. */
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface ChromiumProgram {
  file: string;
  environment?: Record<string, string>;
}

/** `CHROMIUM_PATH`, or of PATH, or fetched at the first call. */
export async function findChromium(): Promise<ChromiumProgram> {
  const given = process.env['CHROMIUM_PATH'];
  if (given) return { file: given };
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const onPath = await pathBinary(name, process.env);
    if (onPath) return { file: onPath.file };
  }
  const { downloads } = stackFolders(join(packageRoot, '.stack'), mainStack);
  await mkdir(downloads, { recursive: true });
  const folder = await fetchOnce(downloads, download, {
    signal: AbortSignal.timeout(10 * 60_000),
    onProgress: () => undefined,
  });
  return {
    file: join(folder, 'chromium'),
    environment: {
      LD_LIBRARY_PATH: join(folder, 'lib'),
      FONTCONFIG_FILE: join(folder, 'fonts.conf'),
    },
  };
}

/** A headless Chromium; close it. */
export const openChromium = ({ file, environment }: ChromiumProgram): Promise<Browser> =>
  chromium.launch({
    executablePath: file,
    args: flags,
    env: { ...process.env, ...environment },
  });
