import type { SqlRow, Tools } from '../../src/pipeline/tools.ts';
import { keys, ttl } from './cache-keys.ts';

/** A JSON number where it is exact, else its text. */
export type Id = number | string;

export interface ClaimContext {
  id: Id;
  type: string | null;
  status: string | null;
  lender: string | null;
  solicitor: string | null;
  /** ISO 8601. */
  lastUpdated: string | null;
  /** Pending ones only. */
  requirements: { id: string; type: string | null; status: string | null; reason: string | null }[];
  vehiclePackages: {
    registration: string | null;
    make: string | null;
    model: string | null;
    dealership: string | null;
    /** Exact decimal. */
    monthlyPayment: string | null;
  }[];
}

/** What an agent sees of a user while calling. */
export interface UserCallContext {
  user: {
    id: Id;
    firstName: string | null;
    lastName: string | null;
    phoneNumber: string | null;
    email: string | null;
    status: string | null;
    isEnabled: boolean | null;
    address: { fullAddress: string | null; postCode: string | null; county: string | null } | null;
  };
  claims: ClaimContext[];
  callScore: {
    currentScore: number;
    totalAttempts: number;
    lastOutcome: string | null;
    nextCallAfter: string | null;
  } | null;
}

/** The user's context, from the cache or the databases; null where the claims app has no such user. */
export const userCallContext = (userId: string, tools: Tools): Promise<UserCallContext | null> =>
  tools.cache.through(keys.context(userId), ttl.user, async () => {
    const [user, claims, callScore] = await Promise.all([
      readUser(userId, tools),
      readClaims(userId, tools),
      readCallScore(userId, tools),
    ]);
    return user && { user, claims, callScore };
  });

/** The user's claims alone. */
export const userClaims = (userId: string, tools: Tools): Promise<ClaimContext[]> =>
  tools.cache.through(keys.claims(userId), ttl.user, () => readClaims(userId, tools));

async function readUser(userId: string, { sql }: Tools): Promise<UserCallContext['user'] | null> {
  const [row] = await sql('replica').query(
    `SELECT u.id, u.first_name, u.last_name, u.phone_number, u.email, u.status, u.is_enabled,
       a.id AS address, a.full_address, a.post_code, a.county
     FROM users u LEFT JOIN user_addresses a ON a.id = u.current_user_address_id WHERE u.id = ?`,
    [userId],
  );
  return row === undefined ? null : userOf(row);
}

const userOf = (row: SqlRow): UserCallContext['user'] => ({
  id: idOf(row['id']),
  firstName: textOf(row['first_name']),
  lastName: textOf(row['last_name']),
  phoneNumber: textOf(row['phone_number']),
  email: textOf(row['email']),
  status: textOf(row['status']),
  isEnabled: row['is_enabled'] === null ? null : Boolean(row['is_enabled']),
  address:
    row['address'] === null
      ? null
      : {
          fullAddress: textOf(row['full_address']),
          postCode: textOf(row['post_code']),
          county: textOf(row['county']),
        },
});

async function readClaims(userId: string, { sql }: Tools): Promise<ClaimContext[]> {
  const replica = sql('replica');
  const [claims, requirements, packages] = await Promise.all([
    replica.query(
      'SELECT id, type, status, lender, solicitor, client_last_updated_at FROM claims WHERE user_id = ? ORDER BY id',
      [userId],
    ),
    replica.query(
      `SELECT r.id, r.claim_id, r.type, r.status, r.claim_requirement_reason FROM claim_requirements r
         JOIN claims c ON c.id = r.claim_id WHERE c.user_id = ? AND r.status = 'PENDING' ORDER BY r.id`,
      [userId],
    ),
    replica.query(
      `SELECT p.claim_id, p.vehicle_registration, p.vehicle_make, p.vehicle_model, p.dealership_name, p.monthly_payment
         FROM claim_vehicle_packages p JOIN claims c ON c.id = p.claim_id WHERE c.user_id = ? ORDER BY p.id`,
      [userId],
    ),
  ]);
  const of = (rows: readonly SqlRow[], claim: SqlRow) =>
    rows.filter((row) => String(row['claim_id']) === String(claim['id']));
  return claims.map((claim) => ({
    id: idOf(claim['id']),
    type: textOf(claim['type']),
    status: textOf(claim['status']),
    lender: textOf(claim['lender']),
    solicitor: textOf(claim['solicitor']),
    lastUpdated: instantOf(claim['client_last_updated_at']),
    requirements: of(requirements, claim).map((row) => ({
      id: String(row['id']),
      type: textOf(row['type']),
      status: textOf(row['status']),
      reason: textOf(row['claim_requirement_reason']),
    })),
    vehiclePackages: of(packages, claim).map((row) => ({
      registration: textOf(row['vehicle_registration']),
      make: textOf(row['vehicle_make']),
      model: textOf(row['vehicle_model']),
      dealership: textOf(row['dealership_name']),
      monthlyPayment: textOf(row['monthly_payment']),
    })),
  }));
}

async function readCallScore(userId: string, { sql }: Tools): Promise<UserCallContext['callScore']> {
  const [row] = await sql('dialler').query(
    'SELECT current_score, total_attempts, last_outcome, next_call_after FROM user_call_scores WHERE user_id = $1',
    [userId],
  );
  if (row === undefined) return null;
  return {
    currentScore: Number(row['current_score']),
    totalAttempts: Number(row['total_attempts']),
    lastOutcome: textOf(row['last_outcome']),
    nextCallAfter: instantOf(row['next_call_after']),
  };
}

/** Of a column that both drivers give as text. */
const textOf = (value: unknown): string | null => value as string | null;

function idOf(value: unknown): Id {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** PostgreSQL's driver gives a Date, MySQL's the text of one in UTC, the session's time zone. */
function instantOf(value: unknown): string | null {
  if (value === null) return null;
  const instant = value instanceof Date ? value : new Date(`${(value as string).replace(' ', 'T')}Z`);
  return instant.toISOString();
}
