import { Command } from 'commander';
import { migrateLedger } from '../database/migrate.ts';
import type { LedgerTarget } from '../database/migrate.ts';
import { ConfigError } from '../errors/config-error.ts';
import { loadSettings } from '../process/config/settings.ts';
import { resolveSides, sidePrefix } from '../process/config/sides.ts';
import { loadPipelines } from '../process/pipelines.ts';
import { wholeNumber } from './whole-number.ts';

/** Every side of these pipelines that has a ledger, once; a database that two sides share is migrated once. */
async function targets(names: readonly string[], origins: number | undefined): Promise<LedgerTarget[]> {
  const found = new Map<string, LedgerTarget>();
  const problems: string[] = [];
  for (const pipeline of await loadPipelines(names))
    for (const { name, engine, adminUrl, databaseUrl, isTarget } of resolveSides(pipeline).values()) {
      if (!isTarget) continue;
      if (adminUrl === null)
        problems.push(`${sidePrefix(name)}_ADMIN_URL: must be set for \`tandem migrate\``);
      else
        found.set(`${adminUrl}\n${databaseUrl}`, {
          side: name,
          engine,
          adminUrl,
          url: databaseUrl,
          ...(origins !== undefined && { origins }),
        });
    }
  if (problems.length > 0) throw new ConfigError(problems);
  return [...found.values()];
}

/** `tandem migrate [PIPELINE]`. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description("Bring the ledger of a pipeline's databases up to date")
    .argument('[pipeline]', 'name or module of one pipeline; all that are configured without it')
    .option(
      '--origins <n>',
      'replication origins to have on PostgreSQL, one per connection (default: 40)',
      wholeNumber(9999),
    )
    .option('--json', 'print JSON')
    .action(async (pipeline: string | undefined, { origins, json }: { origins?: number; json?: boolean }) => {
      const names = pipeline === undefined ? loadSettings().pipelines : [pipeline];
      const migrated: { side: string; applied: readonly string[]; origin_marks: boolean }[] = [];
      for (const target of await targets(names, origins)) {
        const { applied, originMarks } = await migrateLedger(target);
        const did = applied.length > 0 ? `applied ${applied.join(', ')}` : 'is up to date';
        const marks = originMarks
          ? ''
          : '; without origin marks: the server or the role has no means of them';
        migrated.push({ side: target.side, applied, origin_marks: originMarks });
        if (!json) process.stdout.write(`${target.side}: ledger ${did}${marks}\n`);
      }
      if (json) process.stdout.write(`${JSON.stringify(migrated, null, 2)}\n`);
    });
}
