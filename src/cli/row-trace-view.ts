import { printable } from './printable.ts';
import type { IdentityView, Moment, OfEvent, RowKey, RowTrace } from './row-trace.ts';

/** The timeline as an operator reads it; row values only where the trace has them. */
export function rowTraceText({
  pipeline,
  entity,
  keys,
  identities,
  moments,
  rows,
  ...trace
}: RowTrace): string {
  return [
    `${entity} of ${pipeline}: ${keys.map(rowName).join(' = ')}`,
    ...identities.map(identityLine),
    ...moments.flatMap((moment) => {
      const link = 'workflow' in moment ? moment.workflow : null;
      return [`${moment.at}  ${momentText(moment)}`, ...(link === null ? [] : [`  ${link}`])];
    }),
    ...trace.left_out.map((what) => `not complete: ${what}`),
    ...(rows ?? []).flatMap(({ clock, values, ...row }) => [
      `${rowName(row)} now${values === null ? ': no row' : clock === null ? '' : `, clock ${clock}`}`,
      ...Object.entries(values ?? {}).map(
        ([column, value]) =>
          `  ${column}: ${printable(typeof value === 'string' ? value : JSON.stringify(value))}`,
      ),
    ]),
  ].join('\n');
}

const rowName = ({ side, key }: { side: string; key: string | null }): string =>
  key === null ? `no row on ${side}` : `${side} ${printable(key)}`;

const identityLine = ({ source, target, version, changed_at, tombstone }: IdentityView): string =>
  `${rowName(source)} → ${rowName(target)}: version ${version}, changed ${changed_at}${tombstone === null ? '' : `, deleted by ${tombstone.side}`}`;

function momentText(moment: Moment): string {
  switch (moment.what) {
    case 'paired':
      return `identity ${rowName(moment.source)} → ${moment.target.side}`;
    case 'deleted':
      return `deleted on ${moment.side}${moment.by === moment.side ? ' by its app' : `: version of ${moment.by}`}`;
    case 'outcome':
      return `${moment.outcome}: ${eventText(moment)}, ${lanes[moment.lane ?? 'none']}${tries(moment)}`;
    case 'replayed':
      return `${moment.outcome} before, replayed: ${eventText(moment)}${tries(moment)}`;
    case 'running':
      return [
        `under way${moment.step === null ? '' : ` in ${moment.step}`}: ${eventText(moment)}${tries(moment)}`,
        ...(moment.reason === null ? [] : [`${moment.error_class}: ${moment.reason}`]),
      ].join(', ');
    case 'ended':
      return `${moment.status}: ${eventText(moment)}${tries(moment)}`;
    case 'conflict':
      return `conflict ${moment.type} on ${moment.side}, ${moment.verdict}: ${moment.id}, event ${moment.event_id}`;
    case 'waiting':
      return `waits on ${moment.side} for ${awaited(moment.awaits)}: event ${moment.event_id}`;
    case 'dead_letter':
      return `dead letter ${moment.event_id}, ${moment.state ?? 'no worker answers'}: ${moment.error_class}: ${moment.reason}${count(moment.retries, 'retry asked for', 'retries asked for')}`;
    case 'dead_letter_closed':
      return [
        `dead letter ${moment.event_id} ${moment.state ?? 'closed without a decision'}`,
        ...[moment.outcome, moment.discard_reason].filter((each) => each !== null).map(printable),
      ].join(', ');
  }
}

const lanes = {
  event: 'in a workflow of its own',
  batch: 'in a batch with others',
  none: 'lane not known any more',
};

const eventText = ({ operation, from, to, event_id }: OfEvent): string =>
  `${operation ?? 'change'} ${from} → ${to}, event ${event_id}`;

const awaited = ({ entity, ...row }: RowKey & { entity: string }): string =>
  `a row of ${entity}, ${rowName(row)}`;

const tries = ({ failed_tries: failed }: OfEvent): string => count(failed, 'failed try', 'failed tries');

const count = (n: number | null, one: string, many: string): string =>
  n === null || n === 0 ? '' : `, ${n} ${n === 1 ? one : many}`;
