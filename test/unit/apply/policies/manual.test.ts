import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideConflictActivity } from '../../../../src/activities/decide-conflict.ts';
import type { ActivityDeps } from '../../../../src/activities/deps.ts';
import { raiseConflict } from '../../../../src/activities/raise-conflict.ts';
import type { ChangeEvent } from '../../../../src/change/event.ts';
import { SyncError } from '../../../../src/errors/sync-error.ts';
import type { ResolvedIdentity } from '../../../../src/temporal/messages.ts';
import type { ConflictInput, RowConflict } from '../../../../src/temporal/row-conflict.ts';
import { sidePair } from '../../../support/two-sides.ts';
import type { SideName } from '../../../support/two-sides.ts';
import { parentsUnder } from '../../../support/parents-under.ts';
import { PolicySides, run, schedule, skew } from './world.ts';

const byHand = {
  generated: parentsUnder({ conflicts: 'manual' }),
  same: parentsUnder({ conflicts: 'manual', key: 'same' }),
};

/** An operator's choice that comes after some delivery; `broken`: the caller sees it fail although it was carried out. */
interface Choice {
  after: number;
  take: SideName;
  broken: boolean;
}

/** With the dead letters that conflicts leave, as the worker raises and decides them. */
class ManualSides extends PolicySides {
  readonly open = new Map<string, RowConflict>();
  choices: Choice[] = [];
  #deliveries = 0;

  get activities(): ActivityDeps {
    const signalWithStart = (_type: string, { args: [input] }: { args: [ConflictInput] }) =>
      Promise.resolve(void this.open.set(input.subject.eventId, input.subject));
    return {
      pipeline: this.pipeline,
      databases: new Map(Object.entries(this.databases)),
      client: { workflow: { signalWithStart } },
      observer: { deadLetterRaised: () => {} },
    } as unknown as ActivityDeps;
  }

  override async deliver(event: ChangeEvent, looked?: ResolvedIdentity) {
    const result = await super.deliver(event, looked);
    await raiseConflict(this.activities, this.deps(event), event, result);
    this.#deliveries += 1;
    for (const { take, broken } of this.choices.filter(({ after }) => after === this.#deliveries)) {
      const [first] = this.open.keys();
      if (first !== undefined) await this.decide(first, take, broken);
    }
    return result;
  }

  async decide(id: string, take: SideName, broken = false) {
    const subject = this.open.get(id)!;
    const decide = decideConflictActivity(this.activities);
    if (broken) {
      const target = this.databases[take === 'left' ? 'right' : 'left'];
      target.failAfterCommit = new SyncError('unavailable', 'broke after the commit');
      await decide({ pipeline: 'pair', subject, take }).catch(() => {});
      target.failAfterCommit = null;
    }
    const decision = await decide({ pipeline: 'pair', subject, take });
    if (decision.state === 'changed') this.open.set(id, decision.subject);
    else this.open.delete(id);
    return decision;
  }
}

const choices = fc.array(
  fc.record({
    after: fc.integer({ min: 1, max: 40 }),
    take: fc.constantFrom(...sidePair),
    broken: fc.boolean(),
  }),
  { maxLength: 6 },
);

test.each(['generated', 'same'] as const)(
  'whatever the order, sides that differ have an open conflict, and none is left once all are decided; keys %s',
  async (keys) => {
    await fc.assert(
      fc.asyncProperty(schedule, skew, choices, fc.boolean(), async (steps, ahead, chosen, left) => {
        const world = new ManualSides(byHand[keys]);
        world.choices = chosen;
        await run(world, steps, ahead);
        const told = new Set(
          [...world.open.values()].flatMap(({ versions }) =>
            versions.map(({ side, key }) => `${side}:${key}`),
          ),
        );
        for (const pair of await world.differing())
          expect(told).toContain(pair.left === null ? `right:${pair.right}` : `left:${pair.left}`);
        for (let turn = 0; world.open.size > 0 && turn < 20; turn++)
          for (const id of world.open.keys()) await world.decide(id, left ? 'left' : 'right');
        expect([...world.open]).toEqual([]);
        expect(await world.differing()).toEqual([]);
      }),
      { numRuns: 500 },
    );
  },
);

/** A row that both sides hold, changed on both. */
async function inConflict() {
  const world = new ManualSides(byHand.generated);
  const { target_key: key } = await world.deliver(world.insert('left', 'parents', { name: 'a' }));
  const left = (name: string) => world.update('left', 'parents', '1', { name });
  const right = (title: string) => world.update('right', 'parents', key!, { title });
  const events = [left('from left'), right('from right')];
  for (const event of events)
    expect(await world.deliver(event)).toMatchObject({
      outcome: 'conflict_kept',
      conflict: 'update_origin_differs',
    });
  return {
    world,
    key: key!,
    left,
    right,
    events,
    rows: () => [world.row('left', '1'), world.row('right', key!)],
  };
}

test('each side keeps its own until somebody chooses; both edits are one conflict that shows both versions', async () => {
  const { world, key, rows } = await inConflict();
  expect(rows()).toEqual(['from left', 'from right']);
  expect([...world.open.values()]).toMatchObject([
    {
      kind: 'conflict',
      entity: 'parents',
      versions: [
        { side: 'left', key: '1', row: { name: 'from left' } },
        { side: 'right', key, row: { title: 'from right' } },
      ],
    },
  ]);
});

test.each(sidePair)(
  "the chosen side's version (%s) stands on both, what it overwrites is recorded, later edits flow",
  async (take) => {
    const { world, left, right, rows } = await inConflict();
    const [id] = world.open.keys();
    expect(await world.decide(id!, take)).toEqual({ state: 'settled', outcome: 'conflict_applied' });
    expect(rows()).toEqual([`from ${take}`, `from ${take}`]);
    const other = take === 'left' ? 'right' : 'left';
    expect(world.databases[other].conflicts.at(-1)).toMatchObject({ verdict: 'applied' });
    const later = take === 'left' ? right('later') : left('later');
    expect(await world.deliver(later)).toMatchObject({ outcome: 'applied' });
    expect(rows()).toEqual(['later', 'later']);
    expect(world.open.size).toBe(0);
  },
);

test('a choice between versions that are not the shown ones any more writes nothing, and shows the new ones', async () => {
  const { world, right, rows } = await inConflict();
  const [id] = world.open.keys();
  right('newer still');
  expect(await world.decide(id!, 'left')).toMatchObject({
    state: 'changed',
    subject: { versions: [{ row: { name: 'from left' } }, { row: { title: 'newer still' } }] },
  });
  expect(rows()).toEqual(['from left', 'newer still']);
  expect(await world.decide(id!, 'left')).toMatchObject({ state: 'settled' });
  expect(rows()).toEqual(['from left', 'from left']);
});

test('edits that came to the same are joined without asking anybody', async () => {
  const { world, key, left, right, rows } = await inConflict();
  const [id] = world.open.keys();
  await world.decide(id!, 'left');
  const [one, same] = [left('same'), right('same')];
  for (const event of [same, one]) await world.deliver(event);
  expect(world.open.size).toBe(0);
  expect(await world.deliver(world.update('right', 'parents', key, { title: 'after' }))).toMatchObject({
    outcome: 'applied',
  });
  expect(rows()).toEqual(['after', 'after']);
});

test('a delete on one side and an edit on the other wait for a choice; either can stand', async () => {
  for (const take of sidePair) {
    const world = new ManualSides(byHand.generated);
    const { target_key: key } = await world.deliver(world.insert('left', 'parents', { name: 'a' }));
    const removed = world.remove('left', 'parents', '1');
    const edited = world.update('right', 'parents', key!, { title: 'edited' });
    for (const event of [removed, edited]) await world.deliver(event);
    const [[id, conflict]] = [...world.open] as [[string, RowConflict]];
    expect(conflict).toMatchObject({ versions: [{ row: null }, { row: { title: 'edited' } }] });
    await world.decide(id, take);
    const stands = take === 'left' ? undefined : 'edited';
    expect([world.row('left', '1'), world.row('right', key!)]).toEqual([stands, stands]);
  }
});

test('a row too large for a dead letter is told by key and clock', async () => {
  const world = new ManualSides(byHand.generated);
  const { target_key: key } = await world.deliver(world.insert('left', 'parents', { name: 'a' }));
  const edited = world.update('left', 'parents', '1', { name: 'x'.repeat(600_000) });
  world.update('right', 'parents', key!, { title: 'b' });
  await world.deliver(edited);
  const [conflict] = world.open.values();
  expect(JSON.stringify(conflict).length).toBeLessThan(1000);
  expect(await world.decide(conflict!.eventId, 'left')).toMatchObject({ state: 'settled' });
});
