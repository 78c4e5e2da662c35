import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FetchContext } from '../download.ts';
import { withLock } from '../lock.ts';
import { runClient } from './run-client.ts';

export interface Artifact {
  readonly group: string;
  readonly name: string;
  readonly version: string;
  readonly classifier?: string;
  readonly type?: string;
}

/** A pom.xml: coordinates of the project itself, dependencies, and plugin executions. */
export interface MavenProject {
  readonly self: Artifact;
  readonly dependencies?: readonly Artifact[];
  /** Goals of the dependency plugin with their artifacts and the folder these go to. */
  readonly steps: readonly {
    readonly goal: string;
    readonly folder: string;
    readonly artifacts?: readonly Artifact[];
  }[];
}

const dependencyPlugin: Artifact = {
  group: 'org.apache.maven.plugins',
  name: 'maven-dependency-plugin',
  version: '3.8.1',
};

const coordinates = ({ group, name, version, classifier, type }: Artifact): string =>
  `<groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version>` +
  (classifier ? `<classifier>${classifier}</classifier>` : '') +
  (type ? `<type>${type}</type>` : '');

const list = (tag: string, artifacts: readonly Artifact[]): string =>
  artifacts.map((artifact) => `<${tag}>${coordinates(artifact)}</${tag}>`).join('');

function pom({ self, dependencies = [], steps }: MavenProject): string {
  const executions = steps.map(
    ({ goal, folder, artifacts = [] }, index) => `
      <execution><id>step-${index}</id><phase>package</phase><goals><goal>${goal}</goal></goals>
        <configuration><outputDirectory>${folder}</outputDirectory><includeScope>runtime</includeScope>
          <artifactItems>${list('artifactItem', artifacts)}</artifactItems></configuration></execution>`,
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
  ${coordinates(self)}<packaging>pom</packaging>
  <dependencies>${list('dependency', dependencies)}</dependencies>
  <build><plugins><plugin>${coordinates(dependencyPlugin)}
    <executions>${executions.join('')}</executions></plugin></plugins></build>
</project>
`;
}

const units: Readonly<Record<string, number>> = { B: 1, kB: 1_000, MB: 1_000_000, GB: 1_000_000_000 };

/** Bytes that a line like `Downloaded from central: … (1.2 MB at 3.4 MB/s)` reports. */
export function downloadedBytes(line: string): number {
  const found = /Downloaded from .*\(([\d.]+) ([kMG]?B) at /.exec(line);
  return found ? Number(found[1]) * (units[found[2] ?? 'B'] ?? 0) : 0;
}

/** Runs the project's steps; folders are relative to `into`. Maven checks its repository's checksums. */
export async function runMaven(
  project: MavenProject,
  into: string,
  { signal, onBytes }: FetchContext,
): Promise<void> {
  await writeFile(join(into, 'pom.xml'), pom(project));
  const run = (): Promise<void> =>
    runClient('mvn', ['--batch-mode', 'package'], {
      cwd: into,
      signal,
      onLine: (line) => onBytes(downloadedBytes(line)),
    });
  // Maven's own cache does not stand two processes filling it at once.
  await withLock(join(dirname(into), 'maven.lock'), run, { signal });
}
