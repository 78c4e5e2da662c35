import { defineTour } from '../../src/pipeline/tour.ts';
import type { StepReport, TourTools } from '../../src/pipeline/tour.ts';

interface Context {
  user: { firstName: string };
  claims: { status: string; requirements: unknown[] }[];
}

export default defineTour({
  apps: { replica: 'replica_app', dialler: 'dialler_app' },
  async take(t) {
    const id = await claimant(t);
    await requirement(t, id);
    await settled(t, id);
    await burst(t);
  },
});

const told = async (t: TourTools, entity: string, note: string): Promise<StepReport> => ({
  milliseconds: t.sinceWrite(),
  eventId: await t.lastEvent('dialler', entity),
  note,
});

const contextOf = (t: TourTools, id: string) => t.ask<Context>(`/users/${id}/context`);
const queued = (t: TourTools, id: string, reason: string | null) =>
  t.see(
    'dialler',
    'SELECT (SELECT reason FROM call_queue WHERE user_id = $1) AS reason',
    [id],
    (row) => row?.['reason'] === reason,
  );

async function claimant(t: TourTools): Promise<string> {
  const email = `ada_${t.run}@example.com`;
  let id = '';
  await t.step('claims app → dialler: a user with an open claim is in the queue', async () => {
    await t.app(
      'replica',
      `INSERT INTO users (first_name, last_name, email, status, is_enabled) VALUES ('Ada', 'King', ?, 'active', 1)`,
      [email],
    );
    const row = await t.see('dialler', 'SELECT id FROM users WHERE email = $1', [email]);
    id = String(row['id']);
    await t.app(
      'replica',
      `INSERT INTO claims (user_id, type, status, lender) VALUES (?, 'vehicle', 'open', 'Northern Bank')`,
      [id],
    );
    await queued(t, id, 'open_claims');
    const report = await told(t, 'claims', 'queued for open_claims');
    const context = await contextOf(t, id);
    return { ...report, note: `${report.note}; the context shows ${context?.claims.length} claim` };
  });
  return id;
}

async function requirement(t: TourTools, id: string): Promise<void> {
  await t.step('claims app → dialler: a requirement is in the context that was cached', async () => {
    await t.app(
      'replica',
      `INSERT INTO claim_requirements (id, claim_id, type, status, claim_requirement_reason)
         SELECT ?, id, 'signature', 'PENDING', 'the form is not signed' FROM claims WHERE user_id = ?`,
      [`r-${t.run}`, id],
    );
    await t.until('the requirement in the context', async () => {
      const context = await contextOf(t, id);
      return context?.claims[0]?.requirements.length === 1;
    });
    return told(t, 'claim_requirements', 'the cached context was dropped, and built anew');
  });
}

async function settled(t: TourTools, id: string): Promise<void> {
  await t.step('claims app → dialler: nothing is open any more, the user leaves the queue', async () => {
    await t.app('replica', `UPDATE claim_requirements SET status = 'DONE' WHERE id = ?`, [`r-${t.run}`]);
    await t.app('replica', `UPDATE claims SET status = 'settled' WHERE user_id = ?`, [id]);
    await queued(t, id, null);
    return told(t, 'claims', 'no entry in the queue');
  });
}

async function burst(t: TourTools): Promise<void> {
  const rows = 500;
  await t.step(`claims app → dialler: ${rows} users at once`, async () => {
    await t.app(
      'replica',
      `INSERT INTO users (first_name, email, status, is_enabled)
         WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
         SELECT 'Grace', CONCAT(?, i), 'active', 1 FROM n`,
      [`${t.run}-`],
    );
    await t.see(
      'dialler',
      'SELECT count(*)::int AS n FROM users WHERE email LIKE $1',
      [`${t.run}-%`],
      (row) => row?.['n'] === rows,
    );
    return { milliseconds: t.sinceWrite(), rows };
  });
}
