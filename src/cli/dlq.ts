import type { Client } from '@temporalio/client';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { errorClasses } from '../errors/error-class.ts';
import { clashing } from '../temporal/dead-letter-details.ts';
import { sidesOf, subjectMarkdown, subjectTitle } from '../temporal/subject.ts';
import type { DeadLetterFilter } from './dead-letter-filter.ts';
import { decideDeadLetters, eventIdOf, listDeadLetters, readDeadLetter } from './dead-letters.ts';
import type { DeadLetterView, Decision, Decided, OpenDeadLetter } from './dead-letters.ts';
import { withTemporal } from './with-temporal.ts';

type Options = DeadLetterFilter & { json?: boolean };

/** `tandem dlq`: the events that could not be applied. */
export function dlqCommand(): Command {
  const command = new Command('dlq').description(
    'List, show, retry and discard dead letters; decide conflicts',
  );
  filtered(command.command('list'))
    .description('open dead letters')
    .action((options: Options) => withTemporal((client) => list(client, options)));
  command
    .command('show')
    .description('one dead letter with its event and what to do about it')
    .argument('<event-id>')
    .option('--json', 'print JSON')
    .action((id: string, options: Options) => withTemporal((client) => show(client, eventIdOf(id), options)));
  filtered(command.command('retry'))
    .description('run the events again, by id or by filter')
    .argument('[event-id...]')
    .action((ids: string[], options: Options, self: Command) => {
      refuseBoth(ids, options, self);
      return withTemporal((client) => decide(client, ids, options, { kind: 'retry' }));
    });
  filtered(command.command('discard'))
    .description('give the changes up for good, by id or by filter')
    .argument('[event-id...]')
    .requiredOption('--reason <text>', 'why they may be lost; kept with the dead letter')
    .action((ids: string[], { reason, ...options }: Options & { reason: string }, self: Command) => {
      refuseBoth(ids, options, self);
      return withTemporal((client) => decide(client, ids, options, { kind: 'discard', reason }));
    });
  command
    .command('decide')
    .description('choose whose version of a row stands, where the policy `manual` found a conflict')
    .argument('<conflict-id>')
    .requiredOption('--take <side>', 'the side whose version is brought to the other')
    .option('--json', 'print JSON')
    .action((id: string, { take, ...options }: Options & { take: string }) =>
      withTemporal((client) => decide(client, [id], options, { kind: 'take', side: take })),
    );
  return command;
}

const filtered = (command: Command): Command =>
  command
    .option('--pipeline <name>', 'only of this pipeline')
    .option('--entity <name>', 'only of this entity')
    .addOption(new Option('--class <class>', 'only of this error class').choices(errorClasses))
    .option('--signature <signature>', 'only with this error signature, as `list` shows it')
    .option('--json', 'print JSON');

/** No ids and no filter would mean every dead letter of every pipeline: that has to be said. */
function refuseBoth(ids: readonly string[], options: Options, command: Command): void {
  const filters = Object.keys(options).filter((name) => name !== 'json');
  if (ids.length > 0 === filters.length > 0)
    command.error('error: name events by their ids or by a filter, one of the two');
}

async function list(client: Client, { json, ...filter }: Options): Promise<void> {
  const found = await listDeadLetters(client, filter);
  print(json, found, listed);
}

async function show(client: Client, eventId: string, { json }: Options): Promise<void> {
  print(json, await readDeadLetter(client, eventId), shown);
}

async function decide(
  client: Client,
  ids: readonly string[],
  { json, ...filter }: Options,
  decision: Decision,
): Promise<void> {
  const eventIds =
    ids.length > 0
      ? ids.map(eventIdOf)
      : (await listDeadLetters(client, filter)).map(({ event_id }) => event_id);
  const decided = await decideDeadLetters(client, eventIds, decision);
  print(json, decided, decisions);
  if (decided.some(({ error }) => error !== null)) process.exitCode = 1;
}

function print<T>(json: boolean | undefined, value: T, text: (value: T) => string): void {
  process.stdout.write(`${json ? JSON.stringify(value, null, 2) : text(value)}\n`);
}

function listed(found: readonly OpenDeadLetter[]): string {
  if (found.length === 0) return 'no open dead letter';
  const table = new Table({
    head: ['event id', 'pipeline', 'change', 'from', 'error', 'opened'],
    style: { head: [], border: [] },
  });
  for (const { event_id, pipeline, operation, entity, side, signature, opened_at } of found)
    table.push([
      event_id,
      pipeline ?? '',
      [operation, entity ?? 'record'].filter(Boolean).join(' '),
      side ?? '',
      signature ?? '',
      opened_at,
    ]);
  return `${table.toString()}\n${found.length} open`;
}

function shown({ subject, failure, status }: DeadLetterView): string {
  return [
    subjectTitle(subject, null),
    ...subjectMarkdown(subject),
    '',
    `${failure.errorClass}${subject.kind === 'conflict' ? '' : ` after ${failure.retryCount} retries`}, ${failure.failedAt}`,
    failure.message,
    ...(failure.stack === '' ? [] : [failure.stack]),
    '',
    ...(status
      ? [
          status.hint,
          ...clashing(status),
          '',
          `state: ${status.state}${status.conflict ? '' : `, retried by an operator ${status.retries} times`}`,
          ...(status.conflict
            ? sidesOf(status.conflict).map((side) => `tandem dlq decide ${status.eventId} --take ${side}`)
            : []),
        ]
      : ['state: unknown, no worker answers']),
    ...(status?.discardReason ? [`discarded because: ${status.discardReason}`] : []),
    '',
    JSON.stringify(subject.kind === 'event' ? subject.event : subject, null, 2),
  ].join('\n');
}

function decisions(decided: readonly Decided[]): string {
  if (decided.length === 0) return 'no open dead letter matches';
  return decided
    .map(({ event_id, state, outcome, error }) =>
      error === null
        ? `${event_id}  ${[state, outcome].filter(Boolean).join(', ')}`
        : `${event_id}  failed: ${error}`,
    )
    .join('\n');
}
