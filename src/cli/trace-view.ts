import type { ConflictType, Outcome } from '../change/outcome.ts';

export interface TracedWorkflow {
  status: string;
  /** ISO 8601. */
  started_at: string;
  closed_at: string | null;
  /** In the Web UI. */
  link: string;
}

/** What is known of an event; `lane` null: nobody can tell any more. */
export interface EventTrace {
  event_id: string;
  lane: 'event' | 'batch' | null;
  workflow: TracedWorkflow | null;
  dead_letter: TracedWorkflow | null;
  ledgers: readonly {
    side: string;
    pipeline: string;
    entity: string;
    outcome: Outcome | null;
    /** When it was applied, by the clock of the side's database. */
    at: string | null;
    target_key: string | null;
    waits_for: { entity: string; side: string; since: string } | null;
    conflicts: readonly { id: string; type: ConflictType; verdict: string }[];
  }[];
}

export function traceText(trace: EventTrace): string {
  const lane = {
    event: 'in a workflow of its own',
    batch: 'in a batch with others',
    none: 'lane not known any more',
  }[trace.lane ?? 'none'];
  const ofWorkflow = (name: string, workflow: TracedWorkflow | null) =>
    workflow === null
      ? []
      : [
          `${name}: ${workflow.status}, started ${workflow.started_at}${workflow.closed_at === null ? '' : `, ended ${workflow.closed_at}`}`,
          `  ${workflow.link}`,
        ];
  const lines = trace.ledgers.flatMap(({ side, pipeline, entity, ...of }) => [
    ...(of.outcome === null
      ? []
      : [
          `${side}: ${of.outcome} at ${of.at}, ${pipeline}/${entity}${of.target_key === null ? '' : ` row ${of.target_key}`}`,
        ]),
    ...(of.waits_for === null
      ? []
      : [
          `${side}: ${pipeline}/${entity} waits for a row of ${of.waits_for.entity} on ${of.waits_for.side} since ${of.waits_for.since}`,
        ]),
    ...of.conflicts.map(({ id, type, verdict }) => `${side}: conflict ${type}, ${verdict}: ${id}`),
  ]);
  return [
    `event ${trace.event_id}, ${lane}`,
    ...ofWorkflow('workflow', trace.workflow),
    ...ofWorkflow('dead letter', trace.dead_letter),
    ...lines,
  ].join('\n');
}
