export type SqlRow = Record<string, unknown>;

/** Statements of an engine's own SQL. Rows as the driver gives them; a failure is a `SyncError` of its class. */
export interface Sql {
  query(statement: string, parameters?: readonly unknown[]): Promise<SqlRow[]>;
}

/** The database of a side, as the role Tandem works as. A statement by itself is a transaction of its own. */
export interface SideSql extends Sql {
  /** Runs the work in one READ COMMITTED transaction, once; what it rejects with undoes it. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}

/** Values as JSON under keys, in Redis. `<key>:generation` and `<key>:lease` are the cache's own. */
export interface Cache {
  /**
   * The value under a key, or what `build` makes of it, which is then kept for `ttlSeconds`. Whoever asks while it is built
   * waits for that build, in any process. A build during which the key was invalidated is not kept, and nobody is given it
   * who asked after that. While the cache is away every process builds for itself, without waiting for the cache. Everybody
   * is given a copy, as JSON makes it.
   */
  through<T>(key: string, ttlSeconds: number, build: () => Promise<T>): Promise<T>;
  /** Drops the values, and those being built. Throws `unavailable` where the cache is away. */
  invalidate(keys: readonly string[]): Promise<void>;
}

/** What the code of a pipeline works with: its effects, jobs and endpoints. */
export interface Tools {
  sql: (side: string) => SideSql;
  /** Of pipelines with `cache: true`. */
  cache: Cache;
}
