import { connectPlain } from '../../src/database/plain-connection.ts';

const users = 1000;
/** Keys of the other side are others. */
const apart = 50_000_000;
const firstClock = 1_767_225_600_000_000;
const at = "'2026-01-01 00:00:00.123456'";

/** Of so many rows one differs. */
export const damagedEvery = 1000;

/**
 * Users, and posts of them, on both sides with their mappings, as Tandem's own role writes them: triggers and clocks are as
 * they are where nothing but Tandem wrote a side. Every so many rows one is damaged.
 */
export async function makeRows(urls: { legacy: string; revamp: string }, posts: number): Promise<void> {
  const legacy = await connectPlain('postgres', urls.legacy);
  const revamp = await connectPlain('mysql', urls.revamp);
  try {
    const numbers = (count: number) => `generate_series(1, ${count}) AS numbers (n)`;
    await legacy.query(
      `INSERT INTO legacy_users (id, username, email, created_at, updated_at, sync_clock)
       SELECT n, 'user ' || n, 'user' || n || '@example.com', ${at}, ${at}, ${firstClock} + n FROM ${numbers(users)}`,
    );
    await legacy.query(
      `INSERT INTO legacy_posts (id, user_id, post_title, post_content, created_at, updated_at, sync_clock)
       SELECT n, 1 + n % ${users}, 'post ' || n, repeat('content ', 25), ${at}, ${at}, ${firstClock} + n FROM ${numbers(posts)}`,
    );
    await revamp.query("SET SESSION time_zone = '+00:00'");
    await revamp.query('SET SESSION cte_max_recursion_depth = 100000000');
    // In parts: one transaction of a million rows would take longer than the others together.
    const part = 100_000;
    const insert = async (into: string, select: string, count: number) => {
      for (let from = 1; from <= count; from += part)
        await revamp.query(
          `INSERT INTO ${into} WITH RECURSIVE numbers (n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${Math.min(from + part - 1, count)}) SELECT ${select} FROM numbers`,
        );
    };
    const mappings =
      'tandem.entity_mappings (pipeline, entity_type, source_side, source_key, target_side, target_key, version, row_hash)';
    const mapped = (entity: string) => `'blog', '${entity}', 'legacy', n, 'revamp', n + ${apart}, 1, 'hash'`;
    await insert(
      'revamp_users (id, user_name, email_address, created_at, updated_at, sync_clock)',
      `n + ${apart}, CONCAT('user ', n), CONCAT('user', n, '@example.com'), ${at}, ${at}, ${firstClock} + n`,
      users,
    );
    await insert(mappings, mapped('users'), users);
    await insert(
      'revamp_posts (id, author_id, title, content, created_at, updated_at, sync_clock)',
      `n + ${apart}, 1 + n % ${users} + ${apart}, IF(n % ${damagedEvery} = 0, 'damaged', CONCAT('post ', n)), REPEAT('content ', 25), ${at}, ${at}, ${firstClock} + n`,
      posts,
    );
    await insert(mappings, mapped('posts'), posts);
    await legacy.query('ANALYZE');
  } finally {
    await legacy.close();
    await revamp.close();
  }
}
