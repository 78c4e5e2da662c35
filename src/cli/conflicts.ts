import { Command, Option } from 'commander';
import { conflictTypes } from '../change/outcome.ts';
import type { ConflictType } from '../change/outcome.ts';
import type { ConflictFilter, StoredConflict } from '../database/contract.ts';
import { ConfigError } from '../errors/config-error.ts';
import { loadSettings } from '../process/config/settings.ts';
import { conflictDetail, conflictList, conflictText, conflictView } from './conflict-view.ts';
import { examples } from './examples.ts';
import { askLedgers } from './ledgers.ts';
import { instantOf } from './instant.ts';
import { print } from './print.ts';
import { wholeNumber } from './whole-number.ts';

interface Options {
  pipeline?: string;
  side?: string;
  entity?: string;
  type?: ConflictType;
  since?: string;
  limit: number;
  json?: boolean;
}

/** `tandem conflicts`: edits that met, with both versions. */
export function conflictsCommand(): Command {
  const command = new Command('conflicts').description(
    'List and show conflicts: who won, and what was discarded',
  );
  command
    .command('list')
    .description('conflicts recorded in the ledgers, newest first')
    .option('--pipeline <name>', 'only of this pipeline')
    .option('--side <name>', 'only those recorded on this side')
    .option('--entity <name>', 'only of this entity')
    .addOption(new Option('--type <type>', 'only of this type').choices(conflictTypes))
    .option('--since <when>', 'only since an ISO 8601 instant, or so long ago: 90s, 30m, 12h, 7d', instantOf)
    .addHelpText(
      'after',
      examples('conflicts list --since 1h', 'conflicts list --entity users --type update_origin_differs'),
    )
    .option('--limit <n>', 'at most so many', wholeNumber(999_999), 50)
    .option('--json', 'print JSON')
    .action(list);
  command
    .command('show')
    .description('both versions of one conflict side by side; prints row values')
    .argument('<id>', 'PIPELINE/SIDE/NUMBER, as `list` shows it')
    .option('--json', 'print JSON')
    .action(show);
  return command;
}

async function list({ json, side, pipeline, ...filter }: Options): Promise<void> {
  const found = await findConflicts(pipeline, side, filter);
  const views = found.toSorted(newestFirst).slice(0, filter.limit).map(conflictView);
  print(json, views, conflictList);
}

async function show(id: string, { json }: { json?: boolean }): Promise<void> {
  const [, pipeline, side, number] = /^(.+)\/([^/]+)\/(\d{1,18})$/.exec(id) ?? [];
  if (number === undefined)
    throw new ConfigError([`${id}: must be PIPELINE/SIDE/NUMBER, as \`list\` shows it`]);
  const [conflict] = await findConflicts(pipeline, side, { id: number, limit: 1 });
  if (conflict === undefined)
    throw new Error(`there is no conflict ${id}: 'tandem conflicts list' shows those that are kept`);
  print(json, conflictDetail(conflict, loadSettings().maxClockSkewSeconds), conflictText);
}

const newestFirst = (a: StoredConflict, b: StoredConflict) =>
  a.recordedAt === b.recordedAt ? 0 : a.recordedAt < b.recordedAt ? 1 : -1;

/** From the ledgers of every side, or of one. */
async function findConflicts(
  pipeline: string | undefined,
  side: string | undefined,
  filter: Omit<ConflictFilter, 'pipeline' | 'targetSide'>,
): Promise<StoredConflict[]> {
  const found = await askLedgers({ pipeline, side }, (database, of) =>
    database.findConflicts({ ...filter, pipeline: of.pipeline, targetSide: of.side }),
  );
  return found.flat();
}
