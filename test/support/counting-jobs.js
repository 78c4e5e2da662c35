import { randomBytes } from 'node:crypto';

const everyMs = 3_600_000;

/** Ten rows of `numbers` a page. */
async function count(cursor, { sql }) {
  const rows = await sql('counted').query('SELECT id FROM numbers WHERE id > $1 ORDER BY id LIMIT 10', [
    Number(cursor ?? 0),
  ]);
  const last = rows.at(-1);
  return { next: rows.length < 10 ? null : String(last.id), counts: { rows: rows.length } };
}

/** Waits for whoever has the lock. */
async function hold(cursor, { sql }) {
  if (cursor === null) return { next: 'held', counts: { begun: 1 }, fraction: 0.5 };
  await sql('counted').query('SELECT pg_advisory_xact_lock(7)');
  return { next: null, counts: { held: 1 }, fraction: 1 };
}

async function fail(cursor, { sql }) {
  if (cursor === null) return { next: 'on', counts: { begun: 1 } };
  await sql('counted').query('SELECT nothing FROM numbers');
  return { next: null, counts: {} };
}

/** With cursors as long as these, more than one history holds. */
const pages = 30;

async function long(cursor) {
  const at = Number((cursor ?? '0').split(' ')[0]) + 1;
  const next = `${at} ${randomBytes(150_000).toString('base64')}`;
  return { next: at === pages ? null : next, counts: { rows: 1 }, fraction: at / pages };
}

const once = async () => ({ next: null, counts: { ticks: 1 } });

/** A pipeline of jobs alone; a module that the built command loads too. */
export default {
  name: 'counting',
  sides: { counted: { engine: 'postgres' } },
  entities: {},
  jobs: [
    { name: 'count', description: 'counts the numbers', everyMs, page: count },
    { name: 'hold', description: 'waits for a lock', everyMs, page: hold },
    { name: 'fail', description: 'asks for a column that is not there', everyMs, page: fail },
    { name: 'long', description: 'has many pages', everyMs, page: long },
    { name: 'tick', description: 'runs each second', everyMs: 1000, page: once },
    { name: 'tock', description: 'runs each second', everyMs: 1000, page: once },
  ],
};
