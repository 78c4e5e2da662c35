import type { Client } from '@temporalio/client';
import type { Row } from '../change/value.ts';
import { editedEvent } from '../pipeline/edited-event.ts';
import { decideInstead, refuseEdit } from '../temporal/dead-letter-decisions.ts';
import type { DeadChange } from '../temporal/messages.ts';
import { columnChanges, readCorrection } from './column-changes.ts';
import type { ColumnChange } from './column-changes.ts';
import { readDeadLetter } from './dead-letters.ts';
import { pipelineNamed } from './named-pipeline.ts';

/** What an operator names on the command line. */
export interface Correction {
  set?: Row;
  null?: readonly string[];
  file?: string;
}

/** A correction that fits its event, and what it changes of it. */
export interface PlannedEdit {
  columns: Row;
  changes: readonly ColumnChange[];
}

/** Changes nothing. Throws where the dead letter cannot be corrected, and naming the column where a value does not fit. */
export async function planEdit(
  client: Client,
  eventId: string,
  correction: Correction,
): Promise<PlannedEdit> {
  const { pipeline: name, subject, status } = await readDeadLetter(client, eventId);
  if (status === null) throw new Error(`no worker of ${name} answers: 'tandem worker ${name}' starts one`);
  if (status.conflict) throw new Error(decideInstead(status.conflict));
  if (subject.kind !== 'event') {
    refuseEdit(status.state, false, subject as DeadChange, null);
    throw new Error('only an event can be corrected');
  }
  const { event } = subject;
  const route = (await pipelineNamed(name)).route(event.entity_type, event.source);
  if (!route) throw new Error(`pipeline ${name} does not bring ${event.entity_type} on from ${event.source}`);
  const { corrected } = status;
  const held = corrected ? editedEvent(route, event, corrected) : event;
  const columns: Row = {
    ...(correction.file !== undefined && readCorrection(correction.file, held.payload)),
    ...correction.set,
    ...Object.fromEntries((correction.null ?? []).map((column) => [column, null])),
  };
  refuseEdit(status.state, false, subject, { columns });
  const { payload } = editedEvent(route, event, { ...corrected, ...columns });
  const changes = columnChanges(held.payload, payload, Object.keys(columns));
  if (changes.length === 0) throw new Error('the event has these values already: nothing to correct');
  return { columns, changes };
}
