import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { adminUrlVariable, captureRole, databaseUrlVariable, syncRole } from '../../stack/databases.ts';
import type { GeneratedFile } from '../../init/side-files.ts';
import { sidePrefix } from '../../process/config/sides.ts';

export interface NamedSide {
  name: string;
  url: string;
}

/** `.env` quotes. */
const quoted = (value: string) => `'${value.replaceAll("'", '%27')}'`;

/** Where Kafka Connect finds the password of its connectors' role: it shows whatever stands in their configuration. */
const connectFile = 'connect.properties';

/** Both sides may be databases of one server, whose roles they share. */
function envFile(sides: readonly NamedSide[], directory: string): string {
  const own = secret();
  const reader = `\${file:${join(directory, connectFile)}:${captureRole.user}}`;
  const variables = sides.flatMap(({ name, url }) => {
    const login = Object.assign(new URL(url), { username: syncRole.user, password: own });
    return [
      `# ${name}: the administrator, for tandem install and tandem migrate; Tandem itself; Debezium.`,
      `${adminUrlVariable(name)}=${quoted(url)}`,
      `${databaseUrlVariable(name)}=${quoted(login.href)}`,
      `${sidePrefix(name)}_CDC_PASSWORD=${quoted(reader)}`,
    ];
  });
  return [
    'TANDEM_PIPELINES=./pipeline.ts',
    '',
    '# The roles sync_service and debezium are given these passwords when they are made. Where a server has them already, they',
    `# keep theirs: put those here, and into ${connectFile}.`,
    ...variables,
    '',
  ].join('\n');
}

const secret = () => randomBytes(18).toString('base64url');

/** What a folder of its own, absolute, needs beside the pipeline; each is left as it is where it is there already. */
export const surroundings = (
  pipeline: string,
  version: string,
  sides: readonly NamedSide[],
  directory: string,
): GeneratedFile[] => [
  { path: '.env', text: envFile(sides, directory), secret: true },
  { path: connectFile, text: `${captureRole.user}=${secret()}\n`, secret: true },
  { path: '.gitignore', text: `.env\n${connectFile}\n.stack/\nnode_modules/\n` },
  {
    path: 'package.json',
    text: `${JSON.stringify(
      { name: pipeline, private: true, type: 'module', dependencies: { 'tandem-sync': version } },
      null,
      2,
    )}\n`,
  },
];
