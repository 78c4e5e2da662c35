import fc from 'fast-check';
import { applyEvent } from '../../../../src/apply/apply-event.ts';
import { resolveIdentity } from '../../../../src/apply/resolve-identity.ts';
import type { ChangeEvent } from '../../../../src/change/event.ts';
import type { ApplyResult } from '../../../../src/change/outcome.ts';
import { SyncError } from '../../../../src/errors/sync-error.ts';
import type { CompiledPipeline } from '../../../../src/pipeline/route.ts';
import { transformChange } from '../../../../src/pipeline/transform.ts';
import type { ResolvedIdentity } from '../../../../src/temporal/messages.ts';
import { sidePair, TwoSides } from '../../../support/two-sides.ts';
import type { SideName } from '../../../support/two-sides.ts';

export const column = { left: 'name', right: 'title' } as const;

/** Two sides under a policy; what is looked up before the transaction can be from long before it. */
export class PolicySides extends TwoSides {
  readonly pipeline: CompiledPipeline;

  constructor(pipeline: CompiledPipeline) {
    super();
    this.pipeline = pipeline;
  }

  /** Both sides number their rows alike: an insert on each of them can be of one row. */
  get sameKeys(): boolean {
    return this.pipeline.routes.some(({ keyStrategy }) => keyStrategy === 'same');
  }

  deps(event: ChangeEvent) {
    const route = this.pipeline.route(event.entity_type, event.source)!;
    const target = this.databases[route.target.side as SideName];
    return { route, source: this.databases[event.source as SideName], target };
  }

  look = (event: ChangeEvent): Promise<ResolvedIdentity> => resolveIdentity(this.deps(event), event);

  override async deliver(event: ChangeEvent, looked?: ResolvedIdentity): Promise<ApplyResult> {
    const deps = this.deps(event);
    const transformed = transformChange(deps.route, event);
    return applyEvent(deps, event, transformed, looked ?? (await this.look(event)));
  }

  row = (side: SideName, key: string) => this.databases[side].rows('parents').get(key)?.values[column[side]];

  /** The row pairs by key, whichever side's ledger knows them; a row without partner stands alone. */
  async pairs(): Promise<{ left: string | null; right: string | null }[]> {
    const { left, right } = this.databases;
    const found: { left: string | null; right: string | null }[] = [];
    const matched = new Set<string>();
    for (const key of left.rows('parents').keys()) {
      const forth = await right.findIdentity({
        pipeline: 'pair',
        entity: 'parents',
        sourceSide: 'left',
        sourceKey: key,
        targetSide: 'right',
      });
      const partner = forth?.targetKey ?? left.identityOfTarget('parents', key)?.sourceKey ?? null;
      const there = partner !== null && right.rows('parents').has(partner);
      if (there) matched.add(partner);
      found.push({ left: key, right: there ? partner : null });
    }
    for (const key of right.rows('parents').keys())
      if (!matched.has(key)) found.push({ left: null, right: key });
    return found;
  }

  /** Row pairs that do not hold the same value. */
  async differing() {
    return (await this.pairs()).filter(
      ({ left, right }) =>
        left === null || right === null || this.row('left', left) !== this.row('right', right),
    );
  }
}

export type Step =
  | {
      do: 'insert' | 'update' | 'delete' | 'reinsert' | 'replace';
      side: SideName;
      pick: number;
      value: number;
    }
  | { do: 'look'; pick: number }
  | { do: 'deliver'; pick: number; twice: boolean; crash: boolean };

/** Few rows and few values, so that edits meet and are sometimes equal. */
export const schedule: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constantFrom('insert', 'update', 'update', 'update', 'delete', 'reinsert', 'replace'),
      side: fc.constantFrom(...sidePair),
      pick: fc.nat(),
      value: fc.nat(4),
    }),
    fc.record({ do: fc.constant('look' as const), pick: fc.nat() }),
    fc.record({
      do: fc.constant('deliver' as const),
      pick: fc.nat(),
      twice: fc.boolean(),
      crash: fc.boolean(),
    }),
  ),
  { minLength: 5, maxLength: 60 },
);

export const skew = fc.integer({ min: -1000, max: 1000 });

/**
 * Runs a schedule until nothing is in flight: deliveries in any order, some twice, some after a look-ahead that is out of
 * date, some after a commit that the caller saw fail.
 */
export async function run(world: PolicySides, steps: readonly Step[], ahead: number): Promise<void> {
  world.now.right += BigInt(ahead);
  const flight: { event: ChangeEvent; looked?: ResolvedIdentity }[] = [];
  const deliver = async (pick: number, twice: boolean, crash: boolean) => {
    const [one] = flight.splice(pick % flight.length, 1);
    const { event, looked } = one!;
    if (crash) {
      world.deps(event).target.failAfterCommit = new SyncError('unavailable', 'broke after the commit');
      await world.deliver(event, looked).catch(() => {});
      flight.push({ event });
      return;
    }
    await world.deliver(event, looked);
    if (twice) flight.push({ event });
  };
  for (const step of steps) {
    world.now.left += BigInt(step.pick % 3);
    world.now.right += BigInt(step.pick % 3);
    if (step.do !== 'look' && step.do !== 'deliver')
      flight.push(...write(world, step).map((event) => ({ event })));
    else if (flight.length === 0) continue;
    else if (step.do === 'deliver') await deliver(step.pick, step.twice, step.crash);
    else {
      const one = flight[step.pick % flight.length]!;
      one.looked = await world.look(one.event);
    }
  }
  while (flight.length > 0) await deliver(flight.length * 7, false, false);
}

function write(
  world: PolicySides,
  { do: what, side, pick, value }: Exclude<Step, { do: 'look' | 'deliver' }>,
): ChangeEvent[] {
  const rows = world.databases[side].rows('parents');
  const keys = [...rows.keys()];
  const row = { [column[side]]: String(value) };
  if (what === 'insert' || keys.length === 0) {
    if (!world.sameKeys) return [world.insert(side, 'parents', row)];
    const given = String(pick % 3);
    return rows.has(given) ? [] : [world.insert(side, 'parents', row, given)];
  }
  const key = keys[pick % keys.length]!;
  if (what === 'update') return [world.update(side, 'parents', key, row)];
  const clock = rows.get(key)!.clock!;
  const removed = world.remove(side, 'parents', key);
  if (what === 'delete') return [removed];
  return [removed, world.insert(side, 'parents', row, key, what === 'replace' ? clock : 0n)];
}
