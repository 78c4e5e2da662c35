import type { CompiledTable } from '../pipeline/route.ts';
import type { Session } from './session.ts';

/** How long a description is believed, milliseconds. */
const lifetime = 60_000;

/** What is known of the live tables, read on the session that needs it. */
export class DescriptionCache<T> {
  readonly #introspect: (session: Session, table: CompiledTable) => Promise<T>;
  readonly #known = new Map<string, { description: T; read: number }>();

  constructor(introspect: (session: Session, table: CompiledTable) => Promise<T>) {
    this.#introspect = introspect;
  }

  async describe(session: Session, table: CompiledTable): Promise<T> {
    const name = JSON.stringify([table.schema, table.name]);
    const known = this.#known.get(name);
    if (known !== undefined && known.read > performance.now() - lifetime) return known.description;
    const read = performance.now();
    const description = await this.#introspect(session, table);
    this.#known.set(name, { description, read });
    return description;
  }

  /** Believes nothing any more that was read before `began`, by `performance.now()`; false where there was nothing of it. */
  forget(began: number): boolean {
    const old = [...this.#known].filter(([, { read }]) => read < began);
    for (const [name] of old) this.#known.delete(name);
    return old.length > 0;
  }
}
