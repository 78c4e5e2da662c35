import type { SqlRow, Tools } from '../../src/pipeline/tools.ts';
import { keys, ttl } from './cache-keys.ts';
import type { QueueStatus } from './cache-keys.ts';
import { eligibleUsers as readEligible } from './eligibility.ts';

const mostShown = 1000;

/** The first entries of the queue, those to be called first at the head. */
export const queueEntries = (status: QueueStatus, { sql, cache }: Tools): Promise<SqlRow[]> =>
  cache.through(keys.queue(status), ttl.queue, () =>
    sql('dialler').query(
      `SELECT user_id, reason, score, queued_at, expires_at, assigned_to, assigned_at FROM call_queue
         WHERE status = $1 ORDER BY score DESC, queued_at, user_id LIMIT ${mostShown}`,
      [status],
    ),
  );

/** Who could be called now, whether queued or not. */
export const eligibleUsers = ({ sql, cache }: Tools): Promise<SqlRow[]> =>
  cache.through(keys.eligibleUsers, ttl.eligibleUsers, () => readEligible(sql('dialler'), mostShown));

/** The lenders there are claims against; as good as static. */
export const lenders = ({ sql, cache }: Tools): Promise<unknown[]> =>
  cache.through(keys.lenders, ttl.static, async () => {
    const rows = await sql('dialler').query(
      'SELECT DISTINCT lender FROM claims WHERE lender IS NOT NULL ORDER BY lender',
    );
    return rows.map(({ lender }) => lender);
  });
