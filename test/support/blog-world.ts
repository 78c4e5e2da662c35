import { randomInt } from 'node:crypto';
import { applyEvent } from '../../src/apply/apply-event.ts';
import { resolveIdentity } from '../../src/apply/resolve-identity.ts';
import type { ChangeEvent, Operation } from '../../src/change/event.ts';
import type { LedgerDatabase } from '../../src/database/engine-database.ts';
import { openDatabase } from '../../src/database/open.ts';
import type { PlainConnection } from '../../src/database/plain-connection.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import type { EntityDefinition, PipelineDefinition } from '../../src/pipeline/define.ts';
import type { CompiledPipeline, Route } from '../../src/pipeline/route.ts';
import { transformChange } from '../../src/pipeline/transform.ts';
import { blogDatabases } from './blog-databases.ts';
import type { BlogSide } from './blog-databases.ts';
import { rowEvent } from './row-event.ts';

export type BlogSideName = 'legacy' | 'revamp';

/** The two databases of `blog` with their triggers, an app's session on each, and events made of the rows they leave. */
export class BlogWorld implements AsyncDisposable {
  readonly pipeline: CompiledPipeline;
  readonly sides: Record<BlogSideName, BlogSide>;
  readonly apps: Record<BlogSideName, PlainConnection>;
  readonly databases: Record<BlogSideName, LedgerDatabase>;
  #order = 0;

  private constructor(
    pipeline: CompiledPipeline,
    sides: Record<BlogSideName, BlogSide>,
    apps: Record<BlogSideName, PlainConnection>,
  ) {
    this.pipeline = pipeline;
    this.sides = sides;
    this.apps = apps;
    const open = ({ engine, side, url }: BlogSide) => openDatabase({ engine, side, url, poolSize: 2 });
    this.databases = { legacy: open(sides.legacy), revamp: open(sides.revamp) };
  }

  /** `blog` with other words about its users, who are matched by nothing but their identity. */
  static async open(
    name: string,
    blog: PipelineDefinition,
    users: Partial<EntityDefinition>,
  ): Promise<BlogWorld> {
    const sides = await blogDatabases(name);
    // MySQL has one ledger for the whole server: what another world left there must not be of these rows.
    const firstKey = 10_000_000_000 + randomInt(1_000_000_000) * 1000;
    await sides.legacy.admin.query(`ALTER TABLE legacy_users ALTER COLUMN id RESTART WITH ${firstKey}`);
    await sides.revamp.admin.query(`ALTER TABLE revamp_users AUTO_INCREMENT = ${firstKey}`);
    const { matchOn: _email, ...own } = blog.entities['users']!;
    const entities = { ...blog.entities, users: { ...own, ...users } };
    const pipeline = compilePipeline({ ...blog, entities });
    const [legacy, revamp] = await Promise.all([
      sides.legacy.connect('legacy_app'),
      sides.revamp.connect('revamp_app'),
    ]);
    return new BlogWorld(pipeline, sides, { legacy, revamp });
  }

  route = (side: BlogSideName): Route => this.pipeline.route('users', side)!;

  /** Runs an app's statement about one user and gives the event of what it left; `key` null for an insert. */
  async app(
    side: BlogSideName,
    operation: Operation,
    key: string | null,
    statement: string,
  ): Promise<ChangeEvent> {
    const { source } = this.route(side);
    const database = this.databases[side];
    const before = key === null ? null : await database.findRow(source, key);
    const made = key === null ? await this.sides[side].insert(this.apps[side], statement) : key;
    if (key !== null) await this.apps[side].query(statement);
    const row = operation === 'DELETE' ? before! : (await database.findRow(source, made))!;
    return rowEvent(this.route(side), operation, made, { before, row, order: ++this.#order });
  }

  async deliver(event: ChangeEvent) {
    const route = this.route(event.source as BlogSideName);
    const source = this.databases[event.source as BlogSideName];
    const deps = { route, source, target: this.databases[route.target.side as BlogSideName] };
    return applyEvent(deps, event, transformChange(route, event), await resolveIdentity(deps, event));
  }

  /** A mapped value of a user; undefined where there is no such row. */
  async value(side: BlogSideName, key: string, column: string) {
    const tables = this.pipeline.routes.flatMap(({ source, target }) => [source, target]);
    const table = tables.find((one) => one.side === side && one.name === this.sides[side].users);
    return table && (await this.databases[side].findRow(table, key))?.values[column];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = [...Object.values(this.apps), ...Object.values(this.databases)];
    await Promise.all(open.map((each) => each.close()));
    await Promise.all(Object.values(this.sides).map(({ admin }) => admin.close()));
  }
}
