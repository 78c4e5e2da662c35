import { randomBytes } from 'node:crypto';
import { adminUrlVariable, databaseUrlVariable, syncRole } from '../../stack/databases.ts';
import type { GeneratedFile } from '../../init/side-files.ts';
import { sidePrefix } from '../../process/config/sides.ts';

export interface NamedSide {
  name: string;
  url: string;
}

/** `.env` quotes. */
const quoted = (value: string) => `'${value.replaceAll("'", '%27')}'`;

/** Both sides may be databases of one server, whose roles they share. */
function envFile(sides: readonly NamedSide[]): string {
  const [own, reader] = [secret(), secret()];
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
    '# keep theirs: put those here.',
    ...variables,
    '',
  ].join('\n');
}

const secret = () => randomBytes(18).toString('base64url');

/** What a folder of its own needs beside the pipeline; each is left as it is where it is there already. */
export const surroundings = (
  pipeline: string,
  version: string,
  sides: readonly NamedSide[],
): GeneratedFile[] => [
  { path: '.env', text: envFile(sides) },
  { path: '.gitignore', text: '.env\n.stack/\nnode_modules/\n' },
  {
    path: 'package.json',
    text: `${JSON.stringify(
      { name: pipeline, private: true, type: 'module', dependencies: { 'tandem-sync': version } },
      null,
      2,
    )}\n`,
  },
];
