/** The two sides of `blog`, and the words in which one statement is written on either. Nothing of Tandem's own code: the run is judged by it. */

export const sides = ['legacy', 'revamp'] as const;
export type Side = (typeof sides)[number];
export const otherSide = { legacy: 'revamp', revamp: 'legacy' } as const satisfies Record<Side, Side>;

/** Wins where two versions carry one clock: the first side of the pipeline. */
export const fixedSide: Side = 'legacy';

export const entities = ['users', 'posts', 'likes'] as const;
export type Entity = (typeof entities)[number];

interface TableWords {
  table: string;
  /** Columns by the names used in this folder. */
  columns: Readonly<Record<string, string>>;
}

interface SideWords {
  engine: 'postgres' | 'mysql';
  app: string;
  /** The nth placeholder of a statement, from 1. */
  place: (n: number) => string;
  /** SQL of a time column as microseconds since the epoch, as text. */
  micros: (column: string) => string;
  begin: string;
  /** How an INSERT tells the key it made: at its end, or by a statement after it. */
  returning: string;
  lastKey: string | null;
  users: TableWords;
  posts: TableWords;
  likes: TableWords;
}

const times = { created: 'created_at', updated: 'updated_at' };

export const words: Readonly<Record<Side, SideWords>> = {
  legacy: {
    engine: 'postgres',
    app: 'legacy_app',
    place: (n) => `$${n}`,
    micros: (column) => `(extract(epoch FROM ${column}) * 1000000)::bigint::text`,
    begin: 'BEGIN',
    returning: ' RETURNING id',
    lastKey: null,
    users: {
      table: 'legacy_users',
      columns: {
        name: 'username',
        email: 'email',
        text: 'full_name',
        phone: 'phone_number',
        status: 'status',
        seen: 'last_login',
        ...times,
      },
    },
    posts: {
      table: 'legacy_posts',
      columns: { author: 'user_id', name: 'post_title', text: 'post_content', ...times },
    },
    likes: { table: 'legacy_likes', columns: { author: 'user_id', article: 'post_id', ...times } },
  },
  revamp: {
    engine: 'mysql',
    app: 'revamp_app',
    place: () => '?',
    micros: (column) => `CAST(CAST(UNIX_TIMESTAMP(${column}) * 1000000 AS SIGNED) AS CHAR)`,
    begin: 'START TRANSACTION',
    returning: '',
    lastKey: 'SELECT CAST(LAST_INSERT_ID() AS CHAR) AS id',
    users: {
      table: 'revamp_users',
      columns: {
        name: 'user_name',
        email: 'email_address',
        text: 'display_name',
        phone: 'mobile',
        status: 'account_status',
        seen: 'last_seen_at',
        ...times,
      },
    },
    posts: {
      table: 'revamp_posts',
      columns: { author: 'author_id', name: 'title', text: 'content', ...times },
    },
    likes: { table: 'revamp_likes', columns: { author: 'liker_id', article: 'article_id', ...times } },
  },
};

/** The status words of both sides in those of legacy. */
export const statusWords: Readonly<Record<string, string>> = {
  ACTIVE: 'active',
  DISABLED: 'inactive',
  SUSPENDED: 'banned',
};
