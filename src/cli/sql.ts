import { text } from 'node:stream/consumers';
import Table from 'cli-table3';
import { Command } from 'commander';
import { ConfigError } from '../errors/config-error.ts';
import { loadEnvironment } from '../process/config/environment.ts';
import { withSideEncryption } from '../process/config/sides.ts';
import { adminUrlVariable } from '../stack/databases.ts';
import { examples } from './examples.ts';
import { runSql } from './run-sql.ts';
import type { SqlResult } from './run-sql.ts';

function cell(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (Buffer.isBuffer(value)) return `0x${value.toString('hex')}`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function print({ columns, rows, affected, command }: SqlResult): void {
  if (columns.length === 0) return console.log(`${command}: ${affected} ${affected === 1 ? 'row' : 'rows'}`);
  const table = new Table({ head: [...columns], style: { head: [], border: [] } });
  for (const row of rows) table.push(row.map(cell));
  console.log(table.toString());
  console.log(`${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`);
}

const asObjects = ({ columns, rows }: SqlResult): unknown[] =>
  rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])));

/** @throws ConfigError when the side's admin URL is not known. */
async function sql(side: string, statement: string | undefined, { json }: { json?: boolean }): Promise<void> {
  const variable = adminUrlVariable(side);
  const environment = loadEnvironment();
  const url = environment.get(variable);
  if (!url)
    throw new ConfigError([`${variable} is not set: run 'tandem stack up', or give it in the environment`]);
  const results = await runSql(
    withSideEncryption(side, url, environment),
    statement ?? (await text(process.stdin)),
  );
  if (json) console.log(JSON.stringify(results.flatMap(asObjects), null, 2));
  else results.forEach(print);
}

/** `tandem sql`: a look into a side's database, as its administrator. */
export function sqlCommand(): Command {
  return new Command('sql')
    .description("Run SQL on a side's database")
    .argument('<side>', 'the side, as its pipeline names it')
    .argument('[statement]', 'SQL, several statements apart by semicolons; read from stdin without it')
    .option('--json', 'print the rows as JSON')
    .addHelpText('after', examples('sql legacy "SELECT count(*) FROM tandem.processed_events"'))
    .action(sql);
}
