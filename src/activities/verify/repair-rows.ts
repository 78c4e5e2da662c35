import pLimit from 'p-limit';
import type { ManyDeps } from '../../apply/apply-many.ts';
import { readEvent } from '../../apply/apply-hint.ts';
import { applyEvent } from '../../apply/apply-event.ts';
import { identityKey } from '../../apply/identity-key.ts';
import { linkRows, NotLinked } from '../../apply/link-rows.ts';
import { findBack } from '../../apply/resolve-identity.ts';
import { heldOn } from '../../apply/row-conflict.ts';
import { isUnclocked } from '../../apply/unclocked/is-unclocked.ts';
import { broughtOver, lookAtPairs } from '../../apply/verify/look-at-pairs.ts';
import type { PairLook } from '../../apply/verify/look-at-pairs.ts';
import { writeNewVersion } from '../../apply/verify/new-version.ts';
import { rightSide } from '../../apply/verify/right-side.ts';
import { readId } from '../../change/event-id.ts';
import type { StoredRow } from '../../database/contract.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Hint } from '../../temporal/messages.ts';
import { shortValue } from '../../temporal/dead-row.ts';
import type {
  Finding,
  PlannedWrite,
  Repaired,
  RepairOrder,
  VerifyActivities,
} from '../../temporal/verify.ts';
import { bringHints } from '../bring-hints.ts';
import type { ActivityDeps } from '../deps.ts';
import { settleMany } from '../settle-many.ts';
import { bothWays } from './verified-routes.ts';
import type { BothWays } from './verified-routes.ts';

/** Rows repaired at a time. */
const atOnce = 6;

export function repairRowsActivity(deps: ActivityDeps): VerifyActivities['repairRows'] {
  return async ({ entity, findings, order, run }) => {
    const ways = bothWays(deps, entity);
    const limit = pLimit(atOnce);
    return Promise.all(
      findings.map((finding) => limit(() => new Repair(deps, ways, order, run).settle(finding))),
    );
  };
}

/** Not repaired, and why; no row value in it. */
class Left extends Error {}

class Repair {
  readonly #deps: ActivityDeps;
  readonly #ways: BothWays;
  readonly #order: RepairOrder;
  readonly #run: string;
  readonly #writes: PlannedWrite[] = [];

  constructor(deps: ActivityDeps, ways: BothWays, order: RepairOrder, run: string) {
    this.#deps = deps;
    this.#ways = ways;
    this.#order = order;
    this.#run = run;
  }

  async settle(finding: Finding): Promise<Repaired> {
    try {
      const look = await this.#look(finding);
      // Two rows are linked only where both are there, and free.
      if (look.kind !== null && finding.kind !== 'unmapped' && look.look !== finding.look)
        return { state: 'changed' };
      await this.#repair(look);
      return { state: 'done', writes: this.#writes };
    } catch (error) {
      if (error instanceof Left || error instanceof NotLinked) return { state: 'left', why: error.message };
      if (!(error instanceof SyncError) || error.errorClass === 'unavailable') throw error;
      return error.errorClass === 'contention' ? { state: 'changed' } : { state: 'left', why: error.message };
    }
  }

  async #look({ key, other }: Pick<Finding, 'key' | 'other'>): Promise<PairLook> {
    return (await lookAtPairs(this.#ways.forth, [{ key, other }]))[0]!;
  }

  async #repair(look: PairLook): Promise<void> {
    switch (look.kind) {
      case null:
        return;
      case 'refused':
      case 'dependent':
        throw new Left(
          look.kind === 'refused'
            ? `column ${look.columns.join(', ')} cannot be brought over`
            : 'the row it refers to has no partner',
        );
      case 'orphaned':
        return this.#forget(look);
      case 'unmapped':
        await this.#link(look);
        // What is one row from now on may differ.
        return this.#order.dryRun ? undefined : this.#repair(await this.#look(look));
      case 'different':
      case 'missing':
        return this.#bring(look);
    }
  }

  #plan(
    side: string,
    key: string | null,
    write: PlannedWrite['write'],
    columns: PlannedWrite['columns'] = [],
  ) {
    this.#writes.push({ entity: this.#ways.forth.route.entity, side, key, write, columns });
  }

  async #forget({ key, other }: PairLook): Promise<void> {
    for (const [way, sourceKey] of [
      [this.#ways.forth, key],
      [this.#ways.back, other],
    ] as const) {
      if (way === null || sourceKey === null) continue;
      const { route } = way;
      const identity = await way.target.findIdentity(identityKey(route, route.entity, sourceKey));
      if (identity === null) continue;
      this.#plan(route.target.side, sourceKey, 'forget');
      if (!this.#order.dryRun)
        await this.#deps.ledgers.get(route.target.side)!.forgetIdentity(identity, identity.counter);
    }
  }

  async #link({ key, other }: PairLook): Promise<void> {
    const { route } = this.#ways.forth;
    this.#plan(route.target.side, other, 'link');
    if (this.#order.dryRun) return;
    await linkRows({
      route,
      back: this.#ways.back?.route,
      databases: this.#deps.databases,
      keys: new Map([
        [route.source.side, key!],
        [route.target.side, other!],
      ]),
    });
  }

  /** From the side that is right to the other. */
  async #bring(look: PairLook): Promise<void> {
    const { forth, back } = this.#ways;
    if (back === null) return this.#bringAsRead(forth, look);
    const [first, other] = [
      await this.#sideOf(back, forth, look.key),
      await this.#sideOf(forth, back, look.other),
    ];
    const from = this.#order.from ?? rightSide(first, other);
    if (from === null)
      throw new Left('its policy leaves it to an operator which side is right: name it with --from');
    const isFirst = from === forth.route.source.side;
    const [way, counter, right, wrong] = isFirst
      ? ([forth, back, first.held, other.held] as const)
      : ([back, forth, other.held, first.held] as const);
    const [key, otherKey] = isFirst ? [look.key, look.other] : [look.other, look.key];
    if (isUnclocked(way.route)) return this.#mirror(way, look, key);
    if (otherKey === null) return this.#bringAsRead(way, look);
    await this.#planRow(way, otherKey, right.row, wrong.row);
    if (this.#order.dryRun) return;
    const written = await writeNewVersion({ way, back: counter, key, otherKey, right, wrong });
    if (written) await this.#settle(way, written);
  }

  /** What the way's target holds of the row; `counter` is the way from there. */
  async #sideOf({ route, target }: ManyDeps, counter: ManyDeps, key: string | null) {
    const identity = key === null ? null : await findBack(target, counter.route, route.entity, key);
    return { route, identity, held: await heldOn(target, route, identity, key) };
  }

  async #settle(
    way: ManyDeps,
    { event, result }: NonNullable<Awaited<ReturnType<typeof writeNewVersion>>>,
  ): Promise<void> {
    const { left } = await settleMany(this.#deps, way, [event], [{ status: 'fulfilled', value: result }]);
    if (left.length > 0) throw new Left('the row was repaired, and an effect of it failed');
  }

  /** A row that the other side never had, and every row of a one-way entity. */
  async #bringAsRead(way: ManyDeps, look: PairLook): Promise<void> {
    const isFirst = way === this.#ways.forth;
    const [key, row, otherKey, held] = isFirst
      ? ([look.key, look.ours, look.other, look.theirs] as const)
      : ([look.other, look.theirs, look.key, look.ours] as const);
    if (key === null) throw new Left('its source has no such row, and the ledger does not know it');
    await this.#planRow(way, otherKey, row, held);
    if (this.#order.dryRun) return;
    const { left, outcomes } = await bringHints(
      this.#deps,
      way,
      [this.#hint(way, key, look)],
      this.#deps.limits,
    );
    if (left > 0) throw new Left('it failed by itself and goes on in a workflow of its own');
    if (outcomes.stale || outcomes.conflict_kept)
      throw new Left(`${way.route.target.side} knows a newer version`);
  }

  /** Without row clocks the ledger says what a side was given: it forgets that, so that the row is given anew. */
  async #mirror(way: ManyDeps, look: PairLook, key: string | null): Promise<void> {
    const { route, source, target } = way;
    if (route.policy !== `side:${route.source.side}`)
      throw new Left(`only ${route.policy.slice('side:'.length)} can be right: it has no row clocks`);
    if (key === null) throw new Left(`${route.source.side} never had the row, and wins`);
    const isFirst = way === this.#ways.forth;
    const row = isFirst ? look.ours : look.theirs;
    await this.#planRow(way, isFirst ? look.other : look.key, row, isFirst ? look.theirs : look.ours);
    if (this.#order.dryRun) return;
    const identity = identityKey(route, route.entity, key);
    await target.transaction(async (tx) => {
      const { targetKey } = await tx.lockIdentity(identity, isFirst ? look.other : look.key);
      await tx.saveIdentity(identity, { targetKey, rowHash: 'damaged' });
    });
    const now = await source.findRow(route.source, key);
    const read = readEvent(route, this.#hint(way, key, look), now);
    const event = now === null ? ({ ...read, operation: 'DELETE' } as const) : read;
    const result = await applyEvent(
      way,
      event,
      { row: null, before: null },
      { targetKey: null, references: {}, echo: false },
    );
    await this.#settle(way, { event, result });
  }

  #hint({ route }: ManyDeps, key: string, { look }: PairLook): Hint {
    const { pipeline, entity, source } = route;
    const eventId = readId({ pipeline, entity, side: source.side, key }, `${this.#run} ${look}`);
    return { eventId, entity, side: source.side, key, timestamp: new Date().toISOString() };
  }

  async #planRow(way: ManyDeps, key: string | null, right: StoredRow | null, wrong: StoredRow | null) {
    const { side } = way.route.target;
    if (right === null) return this.#plan(side, key, 'delete');
    const wanted = await broughtOver(way, right);
    if (wanted instanceof SyncError) throw wanted;
    const columns = Object.entries(wanted)
      .filter(([name, value]) => wrong === null || wrong.values[name] !== value)
      .map(([name, value]) => ({
        name,
        before: wrong && shortValue(wrong.values[name] ?? null),
        after: shortValue(value),
      }));
    this.#plan(side, key, wrong === null ? 'insert' : 'update', columns);
  }
}
