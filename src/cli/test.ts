import { Command } from 'commander';
import { ConfigError } from '../errors/config-error.ts';
import type { TableDescription } from '../database/contract.ts';
import { tryMapping } from '../init/try-mapping.ts';
import type { TriedColumn } from '../init/try-mapping.ts';
import { resolveSides } from '../process/config/sides.ts';
import { examples } from './examples.ts';
import { tablesOf } from './init/files.ts';
import { configuredPipelines } from './named-pipeline.ts';
import { print } from './print.ts';

const failing = ({ fails }: TriedColumn) => fails;

function columnLines(column: TriedColumn): string[] {
  const { entity, from, to, refused, lossy } = column;
  const place = `${entity}: ${from.side}${from.column === null ? '' : `.${from.column}`} → ${to.side}.${to.column}`;
  return [
    ...refused.map(({ edge, reason }) => `${column.fails ? 'fail' : 'warn'}  ${place}: ${edge}: ${reason}`),
    ...(lossy.length > 0 ? [`lossy ${place}: comes back as another value: ${lossy.join(', ')}`] : []),
  ];
}

function text(columns: readonly TriedColumn[]): string {
  const count = (which: (column: TriedColumn) => boolean) => columns.filter(which).length;
  const values = columns.reduce((sum, { tried }) => sum + tried, 0);
  return [
    ...columns.flatMap(columnLines),
    `${columns.length} columns, ${values} values tried: ${count(failing)} fail, ${count((each) => !each.fails && each.refused.length > 0)} refuse some, ${count(({ lossy }) => lossy.length > 0)} are lossy`,
  ].join('\n');
}

async function run(name: string | undefined, { json }: { json?: boolean }): Promise<void> {
  const found: (TriedColumn & { pipeline: string })[] = [];
  for (const pipeline of await configuredPipelines(name)) {
    const live = new Map<string, TableDescription>();
    for (const { name: side, engine, databaseUrl, adminUrl } of resolveSides(pipeline).values())
      for (const { schema, name: table, columns } of await tablesOf(side, engine, adminUrl ?? databaseUrl))
        live.set([side, schema, table].join('\n'), columns);
    const tried = tryMapping(pipeline, ({ side, schema, name: table, columns: declared }) => {
      const columns = live.get([side, schema, table].join('\n'));
      const missing = [...declared.keys()].find((column) => !columns?.has(column));
      if (!columns || missing !== undefined)
        throw new ConfigError([
          `${pipeline.name}: side ${side} has no ${columns ? `column ${table}.${missing}` : `table ${table}`}`,
        ]);
      return columns;
    });
    found.push(...tried.map((column) => ({ pipeline: pipeline.name, ...column })));
  }
  print(json, found, text);
  if (found.some(failing)) process.exitCode = 1;
}

/** `tandem test [PIPELINE]`: exit code 1 where ordinary values would be refused. */
export function testCommand(): Command {
  return new Command('test')
    .description(
      "Bring values at the edges of each column through a pipeline's mapping, both ways; writes nothing",
    )
    .argument('[pipeline]', 'one of the configured pipelines; all without it')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('test', 'test blog --json'))
    .addHelpText(
      'after',
      `
Values that the source can hold (empty, longest, unicode, least, greatest, dates at bounds, labels, null) go through column map and
codecs, and are held against the live columns of the other side. fail: null, a label, or whatever was tried is refused, so that rows are
sure to become dead letters; warn: an extreme is. lossy: it comes back as another value.

Exit codes: 0 nothing fails; 1 something does; 2 a setting is wrong.`,
    )
    .action(run);
}
