import type { ManyDeps } from '../../apply/apply-many.ts';
import { applyHint, readEvent } from '../../apply/apply-hint.ts';
import { applyEvent } from '../../apply/apply-event.ts';
import { identityKey } from '../../apply/identity-key.ts';
import { linkRows, NotLinked } from '../../apply/link-rows.ts';
import { findBack } from '../../apply/resolve-identity.ts';
import type { ApplyDeps } from '../../apply/resolve-identity.ts';
import { heldOn } from '../../apply/row-conflict.ts';
import { isUnclocked } from '../../apply/unclocked/is-unclocked.ts';
import { lookAtPairs } from '../../apply/verify/look-at-pairs.ts';
import type { PairLook } from '../../apply/verify/look-at-pairs.ts';
import { writeNewVersion } from '../../apply/verify/new-version.ts';
import { rightSide } from '../../apply/verify/right-side.ts';
import { readId } from '../../change/event-id.ts';
import type { ChangeEvent } from '../../change/event.ts';
import type { ApplyResult } from '../../change/outcome.ts';
import type { Database, StoredRow } from '../../database/contract.ts';
import { groupedDatabase } from '../../database/grouped/grouped-database.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Hint } from '../../temporal/messages.ts';
import type {
  Finding,
  PlannedWrite,
  Repaired,
  RepairOrder,
  VerifyActivities,
} from '../../temporal/verify.ts';
import type { ActivityDeps } from '../deps.ts';
import { settleMany } from '../settle-many.ts';
import { plannedWrite } from './planned-write.ts';
import { bothWays } from './verified-routes.ts';
import type { BothWays } from './verified-routes.ts';

export function repairRowsActivity(deps: ActivityDeps): VerifyActivities['repairRows'] {
  return async ({ entity, findings, order, run }) => {
    const ways = bothWays(deps, entity);
    const grouped = new Map([...deps.databases].map(([side, each]) => [side, groupedDatabase(each)]));
    const looks = await lookAtPairs(ways.forth, findings);
    return Promise.all(
      findings.map((finding, index) =>
        new Repair(deps, ways, grouped, { order, run, finding }).settle(looks[index]!),
      ),
    );
  };
}

/** Not repaired, and why; no row value in it. */
class Left extends Error {}

interface Job {
  order: RepairOrder;
  run: string;
  finding: Finding;
}

/** What is written of one row; databases do it together with that of the others. */
class Repair {
  readonly #deps: ActivityDeps;
  readonly #ways: BothWays;
  readonly #databases: ReadonlyMap<string, Database>;
  readonly #job: Job;
  readonly #writes: PlannedWrite[] = [];

  constructor(deps: ActivityDeps, ways: BothWays, databases: ReadonlyMap<string, Database>, job: Job) {
    this.#deps = deps;
    this.#ways = ways;
    this.#databases = databases;
    this.#job = job;
  }

  async settle(look: PairLook): Promise<Repaired> {
    const { finding } = this.#job;
    try {
      if (look.kind === null) await this.#followAgain();
      // Two rows are linked only where both are there, and free.
      else if (finding.kind !== 'unmapped' && look.look !== finding.look) return { state: 'changed' };
      await this.#repair(look);
      return { state: 'done', writes: this.#writes };
    } catch (error) {
      if (error instanceof Left || error instanceof NotLinked) return { state: 'left', why: error.message };
      if (!(error instanceof SyncError) || error.errorClass === 'unavailable') throw error;
      return error.errorClass === 'contention' ? { state: 'changed' } : { state: 'left', why: error.message };
    }
  }

  #grouped = (way: ManyDeps): ApplyDeps => ({
    ...way,
    source: this.#databases.get(way.route.source.side)!,
    target: this.#databases.get(way.route.target.side)!,
  });

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
        if (this.#job.order.dryRun) return;
        // What is one row from now on may differ.
        return this.#repair((await lookAtPairs(this.#ways.forth, [look]))[0]!);
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
      if (!this.#job.order.dryRun)
        await this.#deps.ledgers.get(route.target.side)!.forgetIdentity(identity, identity.counter);
    }
  }

  async #link({ key, other }: PairLook): Promise<void> {
    const { route } = this.#ways.forth;
    this.#plan(route.target.side, other, 'link');
    if (this.#job.order.dryRun) return;
    await linkRows({
      route,
      back: this.#ways.back?.route,
      databases: this.#databases,
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
    const from = this.#job.order.from ?? rightSide(first, other);
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
    if (this.#job.order.dryRun) return;
    const ids = {
      [way.route.target.side]: this.#id(way, key),
      [counter.route.target.side]: this.#id(counter, otherKey),
    };
    const written = await writeNewVersion({
      way: this.#grouped(way),
      back: this.#grouped(counter),
      ids,
      key,
      otherKey,
      right,
      wrong,
    });
    if (written) await this.#follow(way, written.event, written.result, right.row);
  }

  /** What the way's target holds of the row; `counter` is the way from there. */
  async #sideOf(way: ManyDeps, counter: ManyDeps, key: string | null) {
    const { route, target } = this.#grouped(way);
    const identity = key === null ? null : await findBack(target, counter.route, route.entity, key);
    return { route, identity, held: await heldOn(target, route, identity, key) };
  }

  /** Does what follows a row that was written; effects are to see its values. */
  async #follow(
    way: ManyDeps,
    event: ChangeEvent,
    result: ApplyResult,
    row: StoredRow | null,
  ): Promise<void> {
    const { left } = await settleMany(
      this.#deps,
      way,
      [{ ...event, payload: row?.values ?? {} }],
      [{ status: 'fulfilled', value: result }],
    );
    if (left.length > 0) throw new Left('the row was repaired, and an effect of it failed');
  }

  /** An earlier try may have been cut off between the row and its effects. */
  async #followAgain(): Promise<void> {
    const { key, other } = this.#job.finding;
    for (const [way, sourceKey] of [
      [this.#ways.forth, key],
      [this.#ways.back, other],
    ] as const) {
      if (way === null || sourceKey === null || this.#deps.pipeline.effects(way.route.entity).length === 0)
        continue;
      const hint = this.#hint(way, sourceKey);
      const processed = await way.target.findProcessed(hint.eventId);
      if (processed === null) continue;
      const row = await way.source.findRow(way.route.source, sourceKey);
      const result = { outcome: processed.outcome, target_key: processed.targetKey, replayed: true };
      await this.#follow(way, readEvent(way.route, hint, row), result, row);
    }
  }

  /** A row that the other side never had, and every row of a one-way entity. */
  async #bringAsRead(way: ManyDeps, look: PairLook): Promise<void> {
    const isFirst = way === this.#ways.forth;
    const [key, row, otherKey, held] = isFirst
      ? ([look.key, look.ours, look.other, look.theirs] as const)
      : ([look.other, look.theirs, look.key, look.ours] as const);
    if (key === null) throw new Left('its source has no such row, and the ledger does not know it');
    await this.#planRow(way, otherKey, row, held);
    if (this.#job.order.dryRun) return;
    const hint = this.#hint(way, key);
    const result = await applyHint(this.#grouped(way), hint);
    if (result.outcome === 'stale' || result.outcome === 'conflict_kept')
      throw new Left(`${way.route.target.side} knows a newer version`);
    await this.#follow(way, readEvent(way.route, hint, row), result, row);
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
    if (this.#job.order.dryRun) return;
    const identity = identityKey(route, route.entity, key);
    await target.transaction(async (tx) => {
      const { targetKey } = await tx.lockIdentity(identity, isFirst ? look.other : look.key);
      await tx.saveIdentity(identity, { targetKey, rowHash: 'damaged' });
    });
    const now = await source.findRow(route.source, key);
    const read = readEvent(route, this.#hint(way, key), now);
    const event = now === null ? ({ ...read, operation: 'DELETE' } as const) : read;
    const result = await applyEvent(
      way,
      event,
      { row: null, before: null },
      { targetKey: null, references: {}, echo: false },
    );
    await this.#follow(way, event, result, now);
  }

  /** The same at every try of the same finding. */
  #id({ route }: ManyDeps, key: string | null): string {
    const { pipeline, entity, source } = route;
    const { run, finding } = this.#job;
    return readId({ pipeline, entity, side: source.side, key: key ?? '' }, `${run} ${finding.look}`);
  }

  #hint(way: ManyDeps, key: string): Hint {
    const { entity, source } = way.route;
    return {
      eventId: this.#id(way, key),
      entity,
      side: source.side,
      key,
      timestamp: new Date().toISOString(),
    };
  }

  async #planRow(way: ManyDeps, key: string | null, right: StoredRow | null, wrong: StoredRow | null) {
    const { write, columns } = await plannedWrite(this.#grouped(way), right, wrong);
    this.#plan(way.route.target.side, key, write, columns);
  }
}
