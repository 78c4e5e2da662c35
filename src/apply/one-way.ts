import type { ChangeEvent } from '../change/event.ts';
import type { Row } from '../change/value.ts';
import type { Identity } from '../database/contract.ts';
import type { Route } from '../pipeline/route.ts';
import type { Situation } from './decide.ts';
import { isLater } from './position.ts';
import { rowHash } from './row-hash.ts';

/** Facts that do not depend on the policy. */
type Facts = Pick<Situation, 'operation' | 'rowExists' | 'equal' | 'lost'>;

/**
 * One-way entities: the source's order is that of its log, the target keeps no versions. Its own edits and deletes show
 * as a row that is not what Tandem last wrote; under `target_wins` they stay, whatever the source does to the row.
 */
export function oneWaySituation(
  route: Route,
  identity: Identity,
  { event, reread }: { event: ChangeEvent; reread: boolean },
  facts: Facts,
  { current, inStep }: { current: Row | null; inStep: boolean },
): Situation {
  const follows = reread || followsPosition(identity, event);
  const changedByTarget = follows && (current ? isOwn(identity, event, current, inStep) : facts.lost);
  const bothDeleted = event.operation === 'DELETE' && !facts.rowExists;
  const stays = changedByTarget && route.policy === 'target_wins' && !facts.equal && !bothDeleted;
  return { ...facts, newer: follows && !stays, same: false, changedByTarget };
}

/** By position; a read sorts below every streamed change and never repeats itself over one. */
export const followsPosition = (identity: Identity, event: ChangeEvent) =>
  event.snapshot
    ? identity.position === null || event.position.epoch > identity.position.epoch
    : isLater(event.position, identity.position);

/** A row that is as the source had it before the change holds nothing of the target's own, whoever wrote it. */
const isOwn = (identity: Identity, event: ChangeEvent, current: Row, inStep: boolean): boolean =>
  rowHash(current) !== identity.rowHash &&
  !inStep &&
  // The log carries no before image of a key change.
  (identity.rowHash !== null || event.previous_key === undefined);
