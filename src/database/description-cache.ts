import { SyncError } from '../errors/sync-error.ts';
import type { CompiledTable } from '../pipeline/route.ts';
import type { TableDescription } from './contract.ts';
import type { Session } from './session.ts';

/** How long a description is believed, milliseconds. */
const lifetime = 60_000;

type Introspect = (session: Session, table: CompiledTable) => Promise<TableDescription>;

/** Live columns by table, read on the session that needs them. */
export class DescriptionCache {
  readonly #introspect: Introspect;
  readonly #known = new Map<string, { description: TableDescription; until: number }>();

  constructor(introspect: Introspect) {
    this.#introspect = introspect;
  }

  /** Throws `schema` where the table does not exist. */
  async describe(session: Session, table: CompiledTable): Promise<TableDescription> {
    const name = JSON.stringify([table.schema, table.name]);
    const known = this.#known.get(name);
    if (known !== undefined && known.until > performance.now()) return known.description;
    const description = await this.#introspect(session, table);
    if (description.size === 0)
      throw new SyncError('schema', `table ${table.name} does not exist, or the role may not see it`);
    this.#known.set(name, { description, until: performance.now() + lifetime });
    return description;
  }

  /** After a schema error nothing known is believed any more. */
  forget(): void {
    this.#known.clear();
  }
}
