import type { SideSql, Sql } from '../../src/pipeline/tools.ts';

/**
 * Who is to be called: a user who is enabled and in a callable status, has a pending requirement or an open claim, and whose
 * next call is due. A claim is open in any status that does not close it, also in none.
 */
export const rule = {
  callableStatuses: ['active', 'pending', 'in_progress'],
  closedClaimStatuses: ['settled', 'closed', 'rejected', 'withdrawn'],
  pendingRequirementStatus: 'PENDING',
  /** How long an entry stays in the queue. */
  queuedFor: '24 hours',
} as const;

const parameters = [
  [...rule.callableStatuses],
  [...rule.closedClaimStatuses],
  rule.pendingRequirementStatus,
] as const;

/** `user_id, reason, score` of the eligible ones of the users that `among` selects; takes `parameters` as $1 to $3. */
const eligible = (among: string): string => `
  SELECT u.id AS user_id,
    CASE WHEN pending.is_there THEN 'pending_requirements' ELSE 'open_claims' END AS reason,
    coalesce(s.current_score, 0) AS score
  FROM users u
  LEFT JOIN user_call_scores s ON s.user_id = u.id
  CROSS JOIN LATERAL (SELECT EXISTS (
    SELECT FROM claims c JOIN claim_requirements r ON r.claim_id = c.id AND r.status = $3 WHERE c.user_id = u.id
  ) AS is_there) pending
  WHERE ${among} AND u.is_enabled AND u.status = ANY($1)
    AND (s.next_call_after IS NULL OR s.next_call_after <= now())
    AND (pending.is_there OR EXISTS (
      SELECT FROM claims c WHERE c.user_id = u.id AND (c.status IS NULL OR c.status <> ALL($2))))`;

/** Eligible users, those to be called first at the head. */
export const eligibleUsers = (sql: Sql, limit: number) =>
  sql.query(
    `SELECT user_id, reason, score FROM (${eligible('TRUE')}) e ORDER BY score DESC, user_id LIMIT ${limit}`,
    parameters,
  );

export interface QueueChange {
  added: number;
  changed: number;
  removed: number;
}

const enqueue = `
  WITH eligible AS MATERIALIZED (${eligible('u.id = ANY($4::bigint[])')}),
  written AS (
    INSERT INTO call_queue AS q (user_id, reason, score, expires_at)
    SELECT user_id, reason, score, now() + $5::interval FROM eligible
    ON CONFLICT (user_id) DO UPDATE SET reason = excluded.reason, score = excluded.score
      WHERE q.status = 'queued' AND (q.reason, q.score) IS DISTINCT FROM (excluded.reason, excluded.score)
    RETURNING q.xmax = 0 AS is_new
  ),
  removed AS (
    DELETE FROM call_queue q
    WHERE q.user_id = ANY($4::bigint[]) AND q.status = 'queued'
      AND NOT EXISTS (SELECT FROM eligible e WHERE e.user_id = q.user_id)
    RETURNING 1
  )
  SELECT (SELECT count(*) FROM written WHERE is_new)::int AS added,
    (SELECT count(*) FROM written WHERE NOT is_new)::int AS changed,
    (SELECT count(*) FROM removed)::int AS removed`;

/**
 * Makes the queue right for these users, in a transaction of its own. Users and entries are locked in the order of their ids, so
 * that of two checks of one user the later sees what the earlier one did, and both see every change of the user's rows that was
 * committed before. Doing it again changes nothing. An entry that an agent has is the agent's.
 */
export async function checkQueue(sql: SideSql, userIds: readonly string[]): Promise<QueueChange> {
  if (userIds.length === 0) return { added: 0, changed: 0, removed: 0 };
  return sql.transaction(async (tx) => {
    await tx.query('SELECT FROM users WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE', [userIds]);
    await tx.query('SELECT FROM call_queue WHERE user_id = ANY($1::bigint[]) ORDER BY user_id FOR UPDATE', [
      userIds,
    ]);
    const [row] = await tx.query(enqueue, [...parameters, userIds, rule.queuedFor]);
    return row as unknown as QueueChange;
  });
}
