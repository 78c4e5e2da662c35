import type { ChangeEvent } from '../../src/change/event.ts';
import { eventId } from '../../src/change/event-id.ts';
import type { Row } from '../../src/change/value.ts';
import { applyEvent } from '../../src/apply/apply-event.ts';
import { resolveIdentity } from '../../src/apply/resolve-identity.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import { integer, text } from '../../src/pipeline/columns.ts';
import { definePipeline, entity, postgres, table } from '../../src/pipeline/define.ts';
import { transformChange } from '../../src/pipeline/transform.ts';
import { latest, MemoryDatabase } from './memory-database.ts';

export const sidePair = ['left', 'right'] as const;
export type SideName = (typeof sidePair)[number];

export const pair = compilePipeline(
  definePipeline({
    name: 'pair',
    sides: { left: postgres({ url: 'postgres://left' }), right: postgres({ url: 'postgres://right' }) },
    entities: {
      parents: entity({
        tables: {
          left: table('parents', { id: integer(), name: text() }),
          right: table('parents', { id: integer(), title: text() }),
        },
        columns: { name: 'title' },
      }),
      children: entity({
        tables: {
          left: table('children', { id: integer(), parent: integer(), name: text() }),
          right: table('children', { id: integer(), parent: integer(), title: text() }),
        },
        columns: { name: 'title', parent: 'parent' },
        references: { parent: 'parents' },
      }),
    },
  }),
);

/** Two in-memory databases with what the triggers do for an app, and the events they emit. */
export class TwoSides {
  readonly databases: Record<SideName, MemoryDatabase>;
  /** Wall clock of each side, microseconds. */
  readonly now = { left: 1000n, right: 1000n };
  private order = 0;

  constructor({ unique = false } = {}) {
    const of = (column: string) =>
      unique
        ? { rules: { parents: { unique: [{ constraint: `parents_${column}`, columns: [column] }] } } }
        : {};
    this.databases = {
      left: new MemoryDatabase('left', 1, of('name')),
      right: new MemoryDatabase('right', 1_000_001, of('title')),
    };
  }

  insert(side: SideName, entity: string, values: Row, key = this.databases[side].newKey(), replaced = 0n) {
    const database = this.databases[side];
    const local = database.localTombstone(entity, key);
    const own = database.identityOfTarget(entity, key)?.tombstone;
    const clock = latest(
      this.now[side],
      replaced && replaced + 2n,
      local && local + 1n,
      own && own.clock + 1n,
    );
    database.rows(entity).set(key, { values, clock });
    return this.event(side, entity, 'CREATE', key, values, null, clock);
  }

  update(side: SideName, entity: string, key: string, changes: Row) {
    const rows = this.databases[side].rows(entity);
    const row = rows.get(key)!;
    const values = { ...row.values, ...changes };
    const clock = latest(this.now[side], (row.clock ?? 0n) + 1n);
    rows.set(key, { values, clock });
    const before = Object.fromEntries(Object.keys(changes).map((column) => [column, row.values[column]!]));
    return this.event(side, entity, 'UPDATE', key, values, before, clock);
  }

  /** Changes a row's key as the app, with what the triggers do: tombstone of the old key, identity moved to the new one. */
  rekey(side: SideName, entity: string, key: string, newKey: string) {
    const database = this.databases[side];
    const row = database.rows(entity).get(key)!;
    const local = database.localTombstone(entity, newKey);
    const own = database.identityOfTarget(entity, newKey)?.tombstone;
    const clock = latest(this.now[side], row.clock! + 2n, local && local + 1n, own && own.clock + 1n);
    database.rows(entity).delete(key);
    database.leaveLocalTombstone(entity, key, clock - 1n);
    database.moveIdentityOfTarget(entity, key, newKey);
    database.moveClaim(entity, key, newKey);
    database.rows(entity).set(newKey, { values: row.values, clock });
    const event = this.event(side, entity, 'UPDATE', newKey, row.values, null, clock);
    return { ...event, previous_key: key };
  }

  remove(side: SideName, entity: string, key: string) {
    const database = this.databases[side];
    const row = database.rows(entity).get(key)!;
    database.rows(entity).delete(key);
    const clock = (row.clock ?? 0n) + 1n;
    database.leaveLocalTombstone(entity, key, clock);
    return this.event(side, entity, 'DELETE', key, row.values, row.values, clock);
  }

  async deliver(event: ChangeEvent) {
    const route = pair.route(event.entity_type, event.source)!;
    const deps = {
      route,
      source: this.databases[event.source as SideName],
      target: this.databases[route.target.side as SideName],
    };
    return applyEvent(deps, event, transformChange(route, event), await resolveIdentity(deps, event));
  }

  private event(
    side: SideName,
    entity: string,
    operation: ChangeEvent['operation'],
    key: string,
    payload: Row,
    before: Row | null,
    clock: bigint,
  ): ChangeEvent {
    const position = { epoch: 1, order: String(++this.order).padStart(10, '0') };
    return {
      event_id: eventId({ pipeline: 'pair', entity, side, table: entity, key, position, operation }),
      event_version: '1.0.0',
      pipeline: 'pair',
      entity_type: entity,
      operation,
      primary_key: key,
      payload: { id: key, ...payload },
      before,
      source: side,
      timestamp: new Date(Number(this.now[side])).toISOString(),
      position,
      clock: String(clock),
      origin: null,
      snapshot: false,
    };
  }
}
