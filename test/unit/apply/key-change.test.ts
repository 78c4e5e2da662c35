import { expect, test } from '@jest/globals';
import type { ChangeEvent } from '../../../src/change/event.ts';
import { applyEvent } from '../../../src/apply/apply-event.ts';
import { resolveIdentity } from '../../../src/apply/resolve-identity.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { transformChange } from '../../../src/pipeline/transform.ts';
import { matched } from '../../support/parents-under.ts';
import { TwoSides } from '../../support/two-sides.ts';
import type { SideName } from '../../support/two-sides.ts';

/** Where a row was written: on the side whose app changes its key (heard of there, or not yet), or on the other. */
const origins = ['here', 'here, not heard of yet', 'there'] as const;
type Origin = (typeof origins)[number];

class World extends TwoSides {
  readonly flight: ChangeEvent[] = [];
  readonly #matched: boolean;
  #edits = 0;

  /** `matched`: by a natural key, which is unique on both sides. */
  constructor(byNaturalKey: boolean) {
    super({ unique: byNaturalKey });
    this.#matched = byNaturalKey;
  }

  override async deliver(event: ChangeEvent) {
    if (!this.#matched) return super.deliver(event);
    const route = matched.route(event.entity_type, event.source)!;
    const deps = {
      route,
      source: this.databases[event.source as SideName],
      target: this.databases[route.target.side as SideName],
    };
    return applyEvent(deps, event, transformChange(route, event), await resolveIdentity(deps, event));
  }

  async row(origin: Origin): Promise<string> {
    const side = origin === 'there' ? 'right' : 'left';
    const created = this.insert(side, 'parents', this.#values(side));
    if (origin === 'here, not heard of yet') this.flight.push(created);
    else {
      const { target_key: key } = await this.deliver(created);
      if (side === 'right') return key!;
    }
    return created.primary_key;
  }

  add = (key: string) => this.#did(this.insert('left', 'parents', this.#values('left'), key));
  edit = (key: string) => this.#did(this.update('left', 'parents', key, this.#values('left')));
  drop = (key: string) => this.#did(this.remove('left', 'parents', key));
  move(key: string, to = this.databases.left.newKey()): string {
    this.#did(this.rekey('left', 'parents', key, to));
    return to;
  }

  /** The other side's app edits, or deletes, the first row it has. */
  there(what: 'edits' | 'deletes'): void {
    const [key] = this.databases.right.rows('parents').keys();
    if (key === undefined) return;
    this.#did(
      what === 'edits'
        ? this.update('right', 'parents', key, this.#values('right'))
        : this.remove('right', 'parents', key),
    );
  }

  #values(side: SideName) {
    this.now.left += 10n;
    this.now.right += 10n;
    return { [side === 'left' ? 'name' : 'title']: `edit ${(this.#edits += 1)}` };
  }

  #did(event: ChangeEvent): void {
    this.now.left += 10n;
    this.now.right += 10n;
    this.flight.push(event);
  }

  image = (side: SideName) =>
    [...this.databases[side].rows('parents').values()]
      .map(({ values, clock }) => `${String(values['name'] ?? values['title'])}@${clock}`)
      .toSorted();
}

function orders(count: number): number[][] {
  if (count === 0) return [[]];
  return orders(count - 1).flatMap((order) =>
    Array.from({ length: count }, (_, at) => order.toSpliced(at, 0, count - 1)),
  );
}

/** Delivers in that order; what has to wait is tried again after each of the others. */
async function deliverAll(world: World, order: readonly number[]): Promise<void> {
  let waiting = order.map((index) => world.flight[index]!);
  let because = '';
  for (let left = waiting.length + 1; waiting.length > 0 && left > 0; left -= 1) {
    const refused: ChangeEvent[] = [];
    because = '';
    for (const event of waiting)
      try {
        await world.deliver(event);
      } catch (error) {
        if (!(error instanceof SyncError)) throw error;
        refused.push(event);
        because += `; ${event.operation} ${event.source}:${event.primary_key} ${error.errorClass} ${error.message}`;
      }
    waiting = refused;
  }
  if (waiting.length > 0) throw new Error(`an event waits for ever, order ${order.join(' ')}${because}`);
}

type Story = (world: World, a: string, b: string) => void;

const stories: Record<string, Story> = {
  'moves twice': (w, a) => void w.move(w.move(a)),
  'moves and is edited': (w, a) => w.edit(w.move(a)),
  'is edited and moves': (w, a) => {
    w.edit(a);
    w.move(a);
  },
  'moves and is deleted': (w, a) => w.drop(w.move(a)),
  'moves, and its key is used again': (w, a) => {
    w.move(a);
    w.add(a);
  },
  'moves, and its key is used again and deleted': (w, a) => {
    w.move(a);
    w.add(a);
    w.drop(a);
  },
  'moves and comes back': (w, a) => void w.move(w.move(a), a),
  'moves to the key of a deleted row': (w, a, b) => {
    w.drop(b);
    w.move(a, b);
  },
  'moves to the key of a moved row': (w, a, b) => {
    w.move(b);
    w.move(a, b);
  },
  'swaps keys with another': (w, a, b) => {
    const aside = w.move(a);
    w.move(b, a);
    w.move(aside, b);
  },
};

const meanwhile = ['does nothing', 'edits before', 'edits after', 'deletes before', 'deletes after'] as const;
type Meanwhile = (typeof meanwhile)[number];

const ofTwo = [
  'moves to the key of a deleted row',
  'moves to the key of a moved row',
  'swaps keys with another',
];

const cases = ['', 'matched'].flatMap((of) =>
  Object.keys(stories).flatMap((story) =>
    origins.flatMap((origin) =>
      (ofTwo.includes(story) ? (['does nothing'] as const) : meanwhile).map(
        (there) => [of, story, origin, there] as const,
      ),
    ),
  ),
);

async function tell(of: string, story: string, origin: Origin, there: Meanwhile): Promise<World> {
  const world = new World(of === 'matched');
  const keys = [await world.row(origin), await world.row(origin)] as const;
  const what = there.startsWith('edits') ? 'edits' : there.startsWith('deletes') ? 'deletes' : null;
  if (what && there.endsWith('before')) world.there(what);
  stories[story]!(world, ...keys);
  if (what && there.endsWith('after')) world.there(what);
  return world;
}

test.each(cases)('a row %s that %s, written %s, while the other side %s: both agree', async (...told) => {
  const { flight } = await tell(...told);
  for (const order of orders(Math.min(flight.length, 4)).filter(
    (_, index) => flight.length < 4 || index % 3 === 0,
  )) {
    const world = await tell(...told);
    // Every event once more after the first four: what comes twice changes nothing.
    await deliverAll(world, [...order, ...world.flight.keys()]);
    expect({ order, rows: world.image('right') }).toEqual({ order, rows: world.image('left') });
  }
});
