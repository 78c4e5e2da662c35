import type { PlainConnection } from '../../src/database/plain-connection.ts';

export interface Load {
  users: number;
  /** As many for each user: in turns open, settled and rejected, of every third user all settled. */
  claims: number;
}

/** Rows of one statement. */
const atOnce = 10_000;

/** Numbers from `from` to `to`, as a query `numbers (n)`. */
const numbers = (from: number, to: number) =>
  `WITH RECURSIVE numbers (n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${to})`;

/**
 * Fills the claims app's empty tables, as its administrator: an address for each user, a requirement for every second claim and
 * a vehicle package for every third. Past the binary log: only a backfill can bring them.
 */
export async function generate(replica: PlainConnection, { users, claims }: Load): Promise<void> {
  await replica.query('SET SESSION sql_log_bin = 0');
  await replica.query(`SET SESSION cte_max_recursion_depth = ${atOnce}`);
  const fill = async (rows: number, table: string, columns: string, values: string) => {
    for (let from = 1; from <= rows; from += atOnce)
      await replica.query(
        `INSERT INTO ${table} (${columns}) ${numbers(from, Math.min(rows, from + atOnce - 1))} SELECT ${values} FROM numbers`,
      );
  };
  await fill(
    users,
    'user_addresses',
    'id, full_address, post_code, county',
    `CONCAT('address-', n), CONCAT(n, ' High Street'), 'AB1 2CD', 'Kent'`,
  );
  await fill(
    users,
    'users',
    'id, first_name, last_name, email, phone_number, status, is_enabled, current_user_address_id',
    `n, CONCAT('First ', n), CONCAT('Last ', n), CONCAT('user', n, '@example.com'), CONCAT('+4420', n),
      ELT(1 + n % 10, 'closed', 'active', 'active', 'active', 'pending', 'active', 'active', 'in_progress', 'active', 'active'),
      n % 20 <> 0, CONCAT('address-', n)`,
  );
  const owner = `1 + FLOOR((n - 1) / ${claims / users})`;
  await fill(
    claims,
    'claims',
    'id, user_id, type, status, lender, client_last_updated_at',
    `n, ${owner}, 'vehicle', IF((${owner}) % 3 = 0, 'settled', ELT(1 + n % 3, 'open', 'settled', 'rejected')), CONCAT('Lender ', n % 40), NOW()`,
  );
  await fill(
    Math.floor(claims / 2),
    'claim_requirements',
    'id, claim_id, type, status, claim_requirement_reason',
    `CONCAT('requirement-', n), n * 2, 'signature', IF(n % 4 = 0, 'PENDING', 'DONE'), 'the form is not signed'`,
  );
  await fill(
    Math.floor(claims / 3),
    'claim_vehicle_packages',
    'id, claim_id, vehicle_registration, vehicle_make, vehicle_model, dealership_name, monthly_payment',
    `n, n * 3, CONCAT('AB', n), 'Morris', 'Minor', 'Square Motors', n % 500 + 0.99`,
  );
}
