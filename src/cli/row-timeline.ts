import type { RowEvents, TracedIdentity } from '../database/trace-row.ts';
import { clockTime } from './clock-time.ts';
import type { EventRun, EventRuns } from './row-runs.ts';
import type { IdentityView, Moment, OfEvent } from './row-trace.ts';

/** What the ledger of a row's target knows of it, for one direction. */
export interface Way {
  from: string;
  to: string;
  identities: readonly TracedIdentity[];
  events: RowEvents;
}

/** All that was found of a row. */
export interface Found {
  pipeline: string;
  /** One for each direction of the entity. */
  ways: readonly Way[];
  /** Row clocks of deletes by a side's own app. */
  deletedByApp: readonly { side: string; clock: bigint }[];
  runs: EventRuns;
  /** Since when Temporal keeps every workflow, milliseconds since the epoch. */
  keptSince: number;
  /** Web UI address of a workflow. */
  link: (workflowId: string) => string;
}

export const identityView = (identity: TracedIdentity): IdentityView => ({
  source: { side: identity.sourceSide, key: identity.sourceKey },
  target: { side: identity.targetSide, key: identity.targetKey },
  version: String(identity.counter),
  made_at: identity.createdAt,
  changed_at: identity.updatedAt,
  tombstone: identity.tombstone && {
    side: identity.tombstone.side,
    at: clockTime(identity.tombstone.clock),
  },
});

/** Everything found, in order of time. */
export function timeline(found: Found): Moment[] {
  const moments = [
    ...found.ways.flatMap((way) => [...identityMoments(way), ...eventMoments(found, way)]),
    ...found.deletedByApp.map(({ side, clock }): Moment => ({
      at: clockTime(clock),
      what: 'deleted',
      side,
      by: side,
    })),
    ...runMoments(found),
    ...deadLetterMoments(found),
  ];
  return moments.toSorted((a, b) => milliseconds(a) - milliseconds(b) || order(a.at, b.at));
}

/** A clock no date can stand for comes first. */
const milliseconds = ({ at }: Moment): number => Date.parse(at) || 0;

const order = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

const identityMoments = ({ identities }: Way): Moment[] =>
  identities.flatMap((identity) => {
    const { source, target, made_at: at, tombstone } = identityView(identity);
    return [
      { at, what: 'paired', source, target },
      ...(tombstone
        ? [{ at: tombstone.at, what: 'deleted', side: target.side, by: tombstone.side } as const]
        : []),
    ];
  });

function eventMoments(found: Found, { from, to, events }: Way): Moment[] {
  return [
    ...events.processed.map(({ eventId, outcome, targetKey, at }): Moment => {
      const runs = found.runs.events.filter((run) => run.eventId === eventId);
      const run =
        runs.find(({ result }) => result?.replayed === false) ??
        runs.find(({ result }) => result !== null) ??
        runs[0];
      return {
        at,
        what: 'outcome',
        outcome,
        target_key: targetKey,
        // Without a workflow it came in a batch, unless its own may be forgotten.
        lane: run ? 'event' : Date.parse(at) > found.keptSince ? 'batch' : null,
        ...ofEvent(found, eventId, from, to, run),
      };
    }),
    ...events.conflicts.map(({ id, eventId, recordedAt, type, verdict }): Moment => ({
      at: recordedAt,
      what: 'conflict',
      event_id: eventId,
      id: `${found.pipeline}/${to}/${id}`,
      side: to,
      type,
      verdict,
    })),
    ...events.waiting.map(({ eventId, awaited, since }): Moment => ({
      at: since,
      what: 'waiting',
      event_id: eventId,
      side: to,
      awaits: awaited,
    })),
  ];
}

const ofEvent = (
  { link }: Found,
  eventId: string,
  from: string,
  to: string,
  run: EventRun | undefined,
): OfEvent => ({
  event_id: eventId,
  from,
  to,
  operation: run?.operation ?? null,
  failed_tries: run?.failedTries ?? null,
  workflow: run ? link(run.workflowId) : null,
});

/** Runs that no outcome of a ledger stands for. */
function runMoments(found: Found): Moment[] {
  const inLedger = new Set(
    found.ways.flatMap(({ events }) => events.processed.map(({ eventId }) => eventId)),
  );
  return found.runs.events.flatMap((run): Moment[] => {
    const { source: from, result, status, startedAt, closedAt, now } = run;
    const to = found.ways.find((way) => way.from === from)?.to ?? '';
    const event = ofEvent(found, run.eventId, from, to, run);
    if (closedAt === null)
      return [
        {
          at: startedAt,
          what: 'running',
          step: now?.step ?? null,
          error_class: now?.trouble?.errorClass ?? null,
          reason: now?.trouble?.message ?? null,
          ...event,
        },
      ];
    if (result === null) return [{ at: closedAt, what: 'ended', status, ...event }];
    if (result.replayed) return [{ at: closedAt, what: 'replayed', outcome: result.outcome, ...event }];
    if (inLedger.has(run.eventId)) return [];
    const { outcome, target_key } = result;
    return [{ at: closedAt, what: 'outcome', outcome, target_key, lane: 'event', ...event }];
  });
}

const deadLetterMoments = ({ runs, link }: Found): Moment[] =>
  runs.deadLetters.flatMap(({ eventId, workflowId, startedAt, closedAt, input, known }): Moment[] => {
    const failure = known?.failure ?? input.failure;
    const workflow = link(workflowId);
    const state = known?.state ?? null;
    return [
      {
        at: startedAt,
        what: 'dead_letter',
        event_id: eventId,
        state,
        error_class: failure.errorClass,
        reason: failure.message,
        retry_count: failure.retryCount,
        retries: known?.retries ?? null,
        workflow,
      },
      ...(closedAt === null
        ? []
        : [
            {
              at: closedAt,
              what: 'dead_letter_closed',
              event_id: eventId,
              state,
              outcome: known?.outcome ?? null,
              discard_reason: known?.discardReason ?? null,
              workflow,
            } as const,
          ]),
    ];
  });
