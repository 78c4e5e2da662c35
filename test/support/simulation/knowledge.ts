import type { MemoryRow, RowChange } from '../memory/store.ts';
import { columns, simulated } from './schema.ts';
import type { EntityName, Side } from './schema.ts';

/** The side that wins, of entities without row clocks; undefined for the others. */
export function winnerOf(entity: EntityName): Side | undefined {
  const { source, policy } = simulated.route(entity, 'left')!;
  return source.clock === null && policy.startsWith('side:') ? (policy.slice(5) as Side) : undefined;
}

/**
 * Who knew what, of entities without row clocks where every write has a text of its own: which of the winner's writes each
 * write of the other side was made upon. What stands in the end must have known the winner's last one.
 */
export class Knowledge {
  #writes = 0;
  /** The winner's last write of a row, by number. */
  readonly #last = new Map<string, number>();
  /** The winner's write that a row of the other side shows, or was made upon. */
  readonly #basis = new Map<string, number>();
  /** By text. */
  readonly #knew = new Map<string, number>();

  note(side: Side, { table, key, op, before, after, ours }: RowChange): void {
    const entity = table as EntityName;
    const winner = winnerOf(entity);
    if (!winner) return;
    const row = `${entity}:${key}`;
    const text = this.#textOf(side, after);
    if (side === winner) {
      // What changes another column is no write to what is kept in step.
      if (ours || (text !== null && text === this.#textOf(side, before))) return;
      this.#last.set(row, (this.#writes += 1));
      if (text !== null) this.#knew.set(text, this.#writes);
      return;
    }
    if (!ours) {
      if (text !== null && !this.#knew.has(text)) this.#knew.set(text, this.#basis.get(row) ?? 0);
      return;
    }
    // Of a row's end nothing says which write it was: it is taken to be the last.
    this.#basis.set(row, op === 'd' ? Infinity : (this.#knew.get(text!) ?? 0));
  }

  #textOf = (side: Side, row: MemoryRow | null): string | null =>
    row && String(row.values[columns[side].text]);

  /** Whether the row, as the winner has it, was written in the knowledge of the winner's last write to it. */
  isKnown(entity: EntityName, key: string, text: string): boolean {
    return (this.#knew.get(text) ?? 0) >= (this.#last.get(`${entity}:${key}`) ?? 0);
  }
}
