import type { Client } from '@temporalio/client';
import { Command, Option } from 'commander';
import { errorClasses } from '../errors/error-class.ts';
import { loadSettings } from '../process/config/settings.ts';
import { listLink, workflowLink } from '../process/web-ui.ts';
import { deadLetterQuery } from '../temporal/dead-letter-filter.ts';
import type { DeadLetterFilter } from '../temporal/dead-letter-filter.ts';
import { deadLetterId } from '../temporal/names.ts';
import { age } from './age.ts';
import { assignment, changeLines } from './column-changes.ts';
import { confirm } from './confirm.ts';
import { countBySignature, countTable } from './dead-letter-counts.ts';
import { decisions, listed, shown } from './dead-letter-view.ts';
import { eventIdOf, listDeadLetters, readDeadLetter, readDeadRow } from './dead-letters.ts';
import { decideDeadLetters, defaultPerSecond } from './decide-dead-letters.ts';
import type { Decision } from './decide-dead-letters.ts';
import { planEdit } from './edit-dead-letter.ts';
import type { Correction } from './edit-dead-letter.ts';
import { dlqImportCommand } from './dlq-import.ts';
import { examples } from './examples.ts';
import { inPlace } from './in-place.ts';
import { Interrupted, interruptible } from './interrupt.ts';
import { inWebUi } from './links.ts';
import { print } from './print.ts';
import { barOf, number } from './progress-text.ts';
import { wholeNumber } from './whole-number.ts';
import { withTemporal } from './with-temporal.ts';

type Options = DeadLetterFilter & { json?: boolean };
type DecideOptions = Options & { rate?: number };

/** `tandem dlq`: the events that could not be applied. */
export function dlqCommand(): Command {
  const command = new Command('dlq')
    .description(
      'List, show, retry, edit and discard dead letters; decide conflicts; take back what was lost',
    )
    .addHelpText(
      'after',
      examples(
        'dlq list                                  what could not be applied, and the ids',
        'dlq show EVENT_ID                         why, and what to do about it',
        'dlq edit EVENT_ID --set COLUMN=VALUE      correct a value, and apply it',
        'dlq retry EVENT_ID                        the cause is repaired: apply it as it is',
        'dlq list --count                          how many there are of each cause',
        'dlq retry --signature SIGNATURE --rate 5  all of one cause, five a second',
        'dlq import --dry-run                      what the topic has and Temporal has lost',
      ),
    );
  filtered(command.command('list'))
    .description('open dead letters')
    .option('--count', 'how many there are of each signature, with the oldest and the newest')
    .action((options: Options & { count?: boolean }) => withTemporal((client) => list(client, options)));
  command
    .command('show')
    .description('one dead letter with its event and what to do about it')
    .argument('<event-id>', 'as `list` shows it')
    .option('--json', 'print JSON')
    .action((id: string, options: Options) => withTemporal((client) => show(client, eventIdOf(id), options)));
  many(command.command('retry'))
    .description('run the events again, by id or by filter')
    .argument('[event-id...]', 'as `list` shows them; none with a filter')
    .option('--reread', 'bring the source row as it is now instead of what the event carries')
    .addHelpText(
      'after',
      examples(
        'dlq retry EVENT_ID --reread',
        'dlq retry --signature SIGNATURE --rate 5',
        'dlq retry --pipeline blog --class data --newer-than 2h',
      ),
    )
    .action((ids: string[], { reread, ...options }: DecideOptions & { reread?: boolean }, self: Command) => {
      refuseBoth(ids, options, self);
      const retry: Decision = {
        kind: 'retry',
        ...(reread && { reread }),
        ...(ids.length === 0 && { onlyOpen: true }),
      };
      return withTemporal((client) => decide(client, ids, options, retry));
    });
  command
    .command('edit')
    .description('correct values of an event, then apply it under its own id')
    .argument('<event-id>', 'as `list` shows it')
    .option('--set <column=value>', 'a column of the source and its value; may be repeated', assignment)
    .option('--null <column...>', 'columns that are to be NULL')
    .option('--file <path>', 'a JSON object of columns and values; columns it leaves out stay as they are')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      examples(
        'dlq edit EVENT_ID --set phone_number=555-1',
        'dlq edit EVENT_ID --set status=active --null full_name --yes',
      ),
    )
    .option('--json', 'print JSON')
    .action((id: string, options: EditOptions) =>
      withTemporal((client) => edit(client, eventIdOf(id), options)),
    );
  many(command.command('discard'))
    .description('give the changes up for good, by id or by filter')
    .argument('[event-id...]', 'as `list` shows them; none with a filter')
    .requiredOption('--reason <text>', 'why they may be lost; kept with the dead letter')
    .action((ids: string[], { reason, ...options }: DecideOptions & { reason: string }, self: Command) => {
      refuseBoth(ids, options, self);
      return withTemporal((client) => decide(client, ids, options, { kind: 'discard', reason }));
    });
  command
    .command('decide')
    .description('choose whose version of a row stands, where the policy `manual` found a conflict')
    .argument('<conflict-id>', 'as `list` shows it')
    .requiredOption('--take <side>', 'the side whose version is brought to the other')
    .option('--json', 'print JSON')
    .action((id: string, { take, ...options }: Options & { take: string }) =>
      withTemporal((client) => decide(client, [id], options, { kind: 'take', side: take })),
    );
  command.addCommand(dlqImportCommand());
  return command;
}

type EditOptions = Correction & { yes?: boolean; json?: boolean };

const filtered = (command: Command): Command =>
  command
    .option('--pipeline <name>', 'only of this pipeline')
    .option('--entity <name>', 'only of this entity')
    .addOption(new Option('--class <class>', 'only of this error class').choices(errorClasses))
    .option('--signature <signature>', 'only with this error signature, as `list` shows it')
    .option('--side <name>', 'only of changes on this side')
    .option('--older-than <age>', 'only opened longer ago: 90s, 30m, 12h, 7d', age)
    .option('--newer-than <age>', 'only opened since: 90s, 30m, 12h, 7d', age)
    .option('--json', 'print JSON');

const many = (command: Command): Command =>
  filtered(command).option(
    '--rate <n>',
    'at most so many a second, of several',
    wholeNumber(1000),
    defaultPerSecond,
  );

/** No ids and no filter would mean every dead letter of every pipeline: that has to be said. */
function refuseBoth(ids: readonly string[], options: DecideOptions, command: Command): void {
  const filters = Object.keys(options).filter((name) => name !== 'json' && name !== 'rate');
  if (ids.length > 0 === filters.length > 0)
    command.error(
      'error: name events by their ids or by a filter, one of the two: `tandem dlq list` shows both',
    );
}

async function list(
  client: Client,
  { json, count, ...filter }: Options & { count?: boolean },
): Promise<void> {
  const found = await listDeadLetters(client, filter);
  if (count) print(json, countBySignature(found), countTable);
  else print(json, found, listed);
  if (!json && found.length > 0) inWebUi(listLink(loadSettings(), deadLetterQuery(filter)));
}

async function show(client: Client, eventId: string, { json }: Options): Promise<void> {
  const dead = await readDeadLetter(client, eventId);
  print(json, { ...dead, row: dead.status && (await readDeadRow(client, eventId)) }, shown);
  if (!json) inWebUi(workflowLink(loadSettings(), deadLetterId(eventId)));
}

async function decide(
  client: Client,
  ids: readonly string[],
  { json, rate: perSecond, ...filter }: DecideOptions,
  decision: Decision,
): Promise<void> {
  const meant =
    ids.length > 0
      ? ids.map(eventIdOf)
      : (await listDeadLetters(client, filter)).map(({ event_id }) => event_id);
  const eventIds = [...new Set(meant)];
  const { at: progress, end } = showProgress(eventIds.length);
  await interruptible(async (signal) => {
    signal.addEventListener('abort', () =>
      process.stderr.write('waiting for those that are under way; a second Ctrl-C ends at once\n'),
    );
    const pace = { perSecond, signal, progress };
    const decided = await decideDeadLetters(client, eventIds, decision, pace).finally(end);
    print(json, decided, (all) => decisions(all, decision.kind === 'retry' ? decision : {}));
    if (decided.some(({ error }) => error !== null)) process.exitCode = 1;
    const left = eventIds.length - decided.length;
    if (left > 0)
      throw new Interrupted(
        (signal.reason as Interrupted).signal,
        `interrupted: ${number(left)} of ${number(eventIds.length)} were not begun; the same command goes on with them`,
      );
  });
}

/** Of many, on a terminal. */
function showProgress(total: number) {
  if (total < 2 || !process.stderr.isTTY) return { at: () => {}, end: () => {} };
  const line = inPlace(process.stderr);
  return {
    at: (done: number) => line(`${barOf(done / total)} ${number(done)} of ${number(total)}`),
    end: () => line.clear(),
  };
}

async function edit(
  client: Client,
  eventId: string,
  { yes, json, ...correction }: EditOptions,
): Promise<void> {
  const { columns, changes } = await planEdit(client, eventId, correction);
  if (!json) process.stdout.write(`${changeLines(changes)}\n`);
  if (!yes && !(await confirm('Correct the event and apply it?'))) {
    process.stderr.write('nothing was changed\n');
    return;
  }
  const [decided] = await decideDeadLetters(client, [eventId], { kind: 'edit', columns });
  print(json, { ...decided!, changes }, (one) => decisions([one]));
  if (decided!.error !== null) process.exitCode = 1;
}
