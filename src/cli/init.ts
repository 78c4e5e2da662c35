import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { ConfigError } from '../errors/config-error.ts';
import type { LiveTable } from '../database/live-schema.ts';
import { propose } from '../init/propose.ts';
import type { LiveSide } from '../init/proposal.ts';
import { renderPipeline } from '../init/render-pipeline.ts';
import type { GeneratedFile } from '../init/side-files.ts';
import { homeRoot, packageRoot } from '../package-root.ts';
import { loadEnvironment } from '../process/config/environment.ts';
import { resolveSides } from '../process/config/sides.ts';
import { loadPipeline, loadPipelineText } from '../process/pipelines.ts';
import { databaseUrlVariable } from '../stack/databases.ts';
import { confirm } from './confirm.ts';
import { examples } from './examples.ts';
import { ask, readUrl, sideNames } from './init/ask.ts';
import type { NamedDatabase } from './init/ask.ts';
import { generatedFiles, tablesOf, writeFiles } from './init/files.ts';
import { surroundings } from './init/surroundings.ts';
import { proposalJson, proposalText } from './init/view.ts';
import { print } from './print.ts';

interface Options {
  from?: string;
  to?: string;
  name?: string;
  dir: string;
  triggers: boolean;
  yes?: boolean;
  printSql?: boolean;
  json?: boolean;
}

const say = (line: string) => process.stderr.write(`${line}\n`);
const isSql = ({ path }: GeneratedFile) => path.endsWith('.sql');
const sqlText = (files: readonly GeneratedFile[]) =>
  files
    .filter(isSql)
    .map(({ path, text }) => `-- ${path}\n\n${text}`)
    .join('\n');

async function init(options: Options): Promise<void> {
  const directory = resolve(options.dir);
  if (existsSync(join(directory, 'pipeline.ts'))) await again(directory, options);
  else await begin(directory, options);
}

/** From a pipeline that is there: the rest anew. */
async function again(directory: string, { from, to, printSql, json }: Options): Promise<void> {
  if (from !== undefined || to !== undefined)
    throw new ConfigError([
      `--from, --to: ${join(directory, 'pipeline.ts')} is there already; without them what follows from it is written anew`,
    ]);
  const environment = loadEnvironment(process.env, [
    join(directory, '.env'),
    join(homeRoot, '.stack', 'env'),
  ]);
  const pipeline = await loadPipeline(join(directory, 'pipeline.ts'));
  const live = new Map<string, LiveTable[]>();
  for (const { name, engine, adminUrl, databaseUrl } of resolveSides(pipeline, environment).values())
    live.set(name, await tablesOf(name, engine, adminUrl ?? databaseUrl));
  const files = await generatedFiles(pipeline, live);
  if (printSql) return print(json, files.filter(isSql), sqlText);
  const written = await writeFiles(directory, files, { replace: true });
  print(json, { pipeline: pipeline.name, written }, () =>
    [`pipeline.ts is kept; written anew from it: ${written.join(', ')}`, ...next(directory)].join('\n'),
  );
}

async function begin(directory: string, options: Options): Promise<void> {
  const from = readUrl(
    '--from',
    options.from ?? (await ask('--from', 'URL of the first database, of a role that sees its tables')),
  );
  const to = readUrl('--to', options.to ?? (await ask('--to', 'URL of the second database')));
  const [first, second] = sideNames(from, to);
  const sides = [await liveSide(first, from), await liveSide(second, to)] as const;
  const proposal = propose(options.name ?? `${first}_${second}`, sides);
  if (proposal.entities.length === 0)
    throw new Error(
      `no table of ${first} is so like one of ${second} that they could be kept in step\n${proposalText(proposal)}`,
    );
  const text = renderPipeline(proposal, options);
  const live = new Map(sides.map(({ name, tables }) => [name, tables]));
  const files = await generatedFiles(await loadPipelineText(text), live);
  if (options.printSql) return print(options.json, files.filter(isSql), sqlText);
  if (!options.yes) {
    say(proposalText(proposal));
    const question = `Write pipeline.ts, SQL and connectors to ${shown(directory)}? No database is changed.`;
    if (!(await confirm(question))) return;
  }
  const named = sides.map(({ name }, at) => ({ name, url: [from, to][at]!.url }));
  const own = surroundings(proposal.name, version(), named, directory);
  const written = [
    ...(await writeFiles(directory, [{ path: 'pipeline.ts', text }, ...files], { replace: true })),
    ...(await writeFiles(directory, own, { replace: false })),
  ];
  const kept = own
    .filter(({ path }) => !written.includes(path))
    .map(({ path }) => `${path} is there already and was kept`);
  print(options.json, { ...proposalJson(proposal), written }, () =>
    [
      ...(options.yes ? [proposalText(proposal), ''] : []),
      `written: ${written.join(', ')}`,
      ...kept,
      ...next(directory),
    ].join('\n'),
  );
}

async function liveSide(name: string, { engine, url }: NamedDatabase): Promise<LiveSide> {
  say(`${name}: reading its tables`);
  return { name, engine, urlVariable: databaseUrlVariable(name), tables: await tablesOf(name, engine, url) };
}

const shown = (directory: string) => relative(process.cwd(), directory) || '.';

const next = (directory: string) => [
  '',
  `Next, in ${shown(directory)}: read pipeline.ts and edit what it got wrong, then`,
  '  tandem init       again after an edit: what follows from pipeline.ts is written anew',
  '  tandem install    runs sql/ on both databases, and makes the ledgers',
  '  tandem start      servers that are missing, connectors, and Tandem itself',
  '  tandem doctor     what is not as it should be',
];

const version = () =>
  (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;

/** `tandem init`: reads two databases and writes what a pipeline between them may be. */
export function initCommand(): Command {
  return new Command('init')
    .description('Look at two databases and write a pipeline for them, with the SQL and connectors it needs')
    .option('--from <url>', 'the first database, postgres://… or mysql://…; asked for without it')
    .option('--to <url>', 'the second database')
    .option('--name <name>', "the pipeline's name; default: the names of both databases")
    .option('--dir <folder>', 'where to write', '.')
    .option('--no-triggers', 'add neither columns nor triggers to tables: the first database wins what meets')
    .option('--print-sql', 'print the SQL that would be run on each database, and write nothing')
    .option('-y, --yes', 'write without asking')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'init --from mysql://root@localhost/sakila --to postgres://postgres@localhost/pagila --dir rentals',
        'init --print-sql --from … --to …',
        'init                              in its folder, after pipeline.ts was edited',
      ),
    )
    .addHelpText('after', '\nIt reads the catalogues of both databases and changes nothing in them.')
    .action(init);
}
