import type { CompiledTable } from '../pipeline/route.ts';
import type { Session } from './session.ts';

/** How long a description is believed, milliseconds. */
const lifetime = 60_000;

/** What is known of the live tables, read on the session that needs it. */
export class DescriptionCache<T> {
  readonly #introspect: (session: Session, table: CompiledTable) => Promise<T>;
  readonly #known = new Map<string, { description: T; until: number }>();

  constructor(introspect: (session: Session, table: CompiledTable) => Promise<T>) {
    this.#introspect = introspect;
  }

  async describe(session: Session, table: CompiledTable): Promise<T> {
    const name = JSON.stringify([table.schema, table.name]);
    const known = this.#known.get(name);
    if (known !== undefined && known.until > performance.now()) return known.description;
    const description = await this.#introspect(session, table);
    this.#known.set(name, { description, until: performance.now() + lifetime });
    return description;
  }

  /** After a schema error nothing known is believed any more. */
  forget(): void {
    this.#known.clear();
  }
}
