import { connectPlain } from '../../src/database/plain-connection.ts';
import { eventually } from './eventually.ts';
import { preparePipeline, runPipeline, testEnvironment } from './pipeline-system.ts';
import { testAddresses } from './test-stack.ts';

export type Dialler = Awaited<ReturnType<typeof runPipeline>>;
type Columns = Record<string, string | number | null>;

/** A login of the replica that may read the five tables, and nothing else anywhere on its server. */
const reader = { username: 'replica_reader', password: 'replica_reader' };
export const mirrored = ['users', 'user_addresses', 'claims', 'claim_requirements', 'claim_vehicle_packages'];

/** The databases, and that login, until `drop`. */
export async function admitReader(): Promise<{ drop(): Promise<void> }> {
  await preparePipeline('dialler', testEnvironment());
  const admin = await connectPlain('mysql', testAddresses()['REPLICA_ADMIN_URL']!);
  await admin.query(`CREATE USER IF NOT EXISTS ${reader.username} IDENTIFIED BY '${reader.password}'`);
  for (const table of mirrored) await admin.query(`GRANT SELECT ON ${table} TO ${reader.username}`);
  return {
    async drop() {
      await admin.query(`DROP USER ${reader.username}`);
      await admin.close();
    },
  };
}

const replicaUrl = () => Object.assign(new URL(testAddresses()['REPLICA_DATABASE_URL']!), reader).href;
export const runDialler = (own: Record<string, string> = {}) =>
  runPipeline('dialler', { REPLICA_DATABASE_URL: replicaUrl(), ...own });

export const write = (dialler: Dialler, table: string, row: Columns) => {
  const columns = Object.keys(row);
  const statement = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
  return dialler.app('replica', statement, Object.values(row));
};

/** A user with an address, one claim with a pending requirement, and a car: all under one key. */
export async function userWithEverything(dialler: Dialler, id: number): Promise<void> {
  await write(dialler, 'user_addresses', {
    id: `a-${id}`,
    full_address: '1 High Street',
    post_code: 'AB1',
    county: 'Kent',
  });
  await write(dialler, 'users', {
    id,
    first_name: 'Ada',
    status: 'active',
    is_enabled: 1,
    current_user_address_id: `a-${id}`,
    last_login: '2026-01-02 03:04:05',
  });
  await write(dialler, 'claims', {
    id,
    user_id: id,
    status: 'open',
    lender: 'Northern Bank',
    client_last_updated_at: '2026-02-03 04:05:06',
  });
  await write(dialler, 'claim_requirements', {
    id: `r-${id}`,
    claim_id: id,
    status: 'PENDING',
    claim_requirement_reason: 'unsigned',
  });
  await write(dialler, 'claim_vehicle_packages', {
    id,
    claim_id: id,
    vehicle_make: 'Morris',
    monthly_payment: '199.90',
  });
}

export interface Context {
  user: { firstName: string; address: { postCode: string } | null };
  claims: {
    id: number;
    lender: string;
    lastUpdated: string | null;
    requirements: { id: string; reason: string }[];
    vehiclePackages: { make: string; monthlyPayment: string }[];
  }[];
  callScore: unknown;
}

export async function ask<T>(dialler: Dialler, path: string): Promise<T | null> {
  const answer = await fetch(`http://127.0.0.1:${dialler.running.endpointsPort}${path}`);
  if (answer.status === 404) return null;
  if (answer.status !== 200) throw new Error(`${path} is answered with ${answer.status}`);
  return (await answer.json()) as T;
}
export const contextOf = (dialler: Dialler, id: number) => ask<Context>(dialler, `/users/${id}/context`);

/** Waits until the context is as wanted, asking for it all the while: a stale one that was left behind would stay. */
export const seesContext = (dialler: Dialler, id: number, isRight: (context: Context) => boolean) =>
  eventually('the context', async () => {
    const context = await contextOf(dialler, id);
    return context !== null && isRight(context);
  });

export const inQueue = (dialler: Dialler, id: number, reason: string | null) =>
  dialler.see(
    'dialler',
    'SELECT (SELECT reason FROM call_queue WHERE user_id = $1) AS reason',
    [id],
    (row) => (row?.['reason'] ?? null) === reason,
  );
