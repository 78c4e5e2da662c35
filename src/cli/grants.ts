import { Command, Option } from 'commander';
import { databaseRoles } from '../database/grants.ts';
import type { DatabaseRole } from '../database/grants.ts';
import { ConfigError } from '../errors/config-error.ts';
import { loadEnvironment } from '../process/config/environment.ts';
import { loadSettings } from '../process/config/settings.ts';
import { resolveSides } from '../process/config/sides.ts';
import { aclCommand, kafkaAcls } from '../process/kafka-acls.ts';
import { sideGrants } from '../process/side-grants.ts';
import type { RoleGrants } from '../process/side-grants.ts';
import { examples } from './examples.ts';
import { pipelineNamed } from './named-pipeline.ts';
import { print } from './print.ts';

interface Options {
  role?: DatabaseRole;
  login?: string;
  kafka?: boolean;
  json?: boolean;
}

const purposes: Record<DatabaseRole, string> = {
  sync: 'workers, endpoints, and ingesters, which look at the log alone',
  capture: 'the connector: reads the log, and the tables for a snapshot',
  migration: '`tandem migrate`, where its administrator is not to be one of the whole server',
  operator: '`tandem trace`, `conflicts`, `status`, `sql`: reads, and changes nothing',
};

const text = (side: string, grants: readonly RoleGrants[]): string =>
  grants
    .map(({ role, name, statements, marks, open, ledger }) =>
      [
        `-- ${side}, ${name}: ${purposes[role]}`,
        ...statements.map((statement) => `${statement};`),
        ...(marks.length === 0 ? [] : ['-- For origin marks; a server that has none refuses it:']),
        ...marks.map((statement) => `${statement};`),
        `-- Opened once, with a password of your own: ${open};`,
        ...(ledger.length === 0 ? [] : ['-- `tandem migrate` grants it in the ledger:']),
        ...ledger.map((statement) => `--   ${statement};`),
      ].join('\n'),
    )
    .join('\n\n');

async function grants(pipelineName: string, sideName: string | undefined, options: Options): Promise<void> {
  const { role, login, json } = options;
  if (login !== undefined && role === undefined)
    throw new ConfigError(['--login: say which role it has, with --role']);
  const pipeline = await pipelineNamed(pipelineName);
  const environment = loadEnvironment();
  if (options.kafka && (sideName ?? role) !== undefined)
    throw new ConfigError(['--kafka: prints what all logins of the pipeline need, of no side or role alone']);
  if (options.kafka)
    return print(json, await kafkaAcls(pipeline, loadSettings(environment), environment), (acls) =>
      acls.map(aclCommand).join('\n'),
    );
  if (sideName !== undefined && !pipeline.sides.has(sideName))
    throw new ConfigError([
      `${sideName}: pipeline ${pipeline.name} has no side of that name, but ${[...pipeline.sides.keys()].join(', ')}`,
    ]);
  const sides = [...resolveSides(pipeline, environment).values()].filter(
    ({ name }) => sideName === undefined || name === sideName,
  );
  const found = sides.map((side) => ({
    side: side.name,
    grants: sideGrants(pipeline, side, environment, {
      ...(role !== undefined && { roles: [role] }),
      ...(role !== undefined && login !== undefined && { logins: { [role]: login } }),
    }),
  }));
  print(json, found, () => found.map((each) => text(each.side, each.grants)).join('\n\n'));
}

/** `tandem grants PIPELINE [SIDE]`. Asks nobody and changes nothing. */
export function grantsCommand(): Command {
  return new Command('grants')
    .description('Print the SQL that gives each login what it needs of a database, and no more')
    .argument('<pipeline>', 'name or module of a pipeline')
    .argument('[side]', 'only of this side')
    .addOption(new Option('--role <role>', 'only of this role').choices(databaseRoles))
    .option('--login <name>', 'name of the login, instead of the one the settings give it; with --role')
    .option('--kafka', "print what each login needs of Kafka instead, as commands of Kafka's own tool")
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples('grants PIPELINE SIDE', 'grants PIPELINE SIDE --role operator --login night_shift'),
    )
    .action(grants);
}
