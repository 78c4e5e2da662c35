import { DatabaseError } from 'pg';
import { SyncError } from '../../errors/sync-error.ts';
import { classified, withoutServerCode } from '../classified.ts';
import type { Meaning } from '../classified.ts';
import type { Purpose } from '../session.ts';

/** By SQLSTATE (PostgreSQL documentation, appendix A). */
export const meanings: Readonly<Record<string, Meaning>> = {
  '25006': ['unavailable', 'the server is read-only'],
  '25P03': ['unavailable', 'the server ended an idle transaction'],
  '25P04': ['unavailable', 'the transaction took too long'],
  '28000': ['unavailable', 'the server refuses the role, or a connection of this kind (pg_hba.conf)'],
  '28P01': ['unavailable', 'the server refuses the password'],
  '3D000': ['unavailable', 'the database does not exist'],
  '40003': ['unavailable', 'it is not known whether the statement completed'],
  '42501': ['unavailable', 'the role lacks a privilege'],
  '53100': ['unavailable', 'the disk is full'],
  '53300': ['unavailable', 'the server has no connection left'],
  '53400': ['unavailable', 'a limit of the server is reached, such as max_active_replication_origins'],
  '55006': ['unavailable', 'every replication origin is in use'],
  '57014': ['unavailable', 'the statement was cancelled, by its timeout or by an operator'],

  '3F000': ['schema', 'the schema does not exist, or the role may not use it'],
  '42703': ['schema', 'the column does not exist'],
  '42804': ['schema', 'the column has another type'],
  '42P01': ['schema', 'the table does not exist'],
  '428C9': ['schema', 'the column is generated and cannot be written'],

  '40001': ['contention', 'the transaction could not be serialized'],
  '40P01': ['contention', 'deadlock'],
  '55P03': ['contention', 'a lock was not granted in time'],

  '23001': ['waiting_for_row', 'another row still refers to this one'],

  '23502': ['constraint', 'the column must not be null'],
  '23503': ['constraint', 'the row it refers to does not exist'],
  '23505': ['constraint', 'another row holds the same unique value'],
  '23514': ['constraint', 'a check refuses the row'],
  '23P01': ['constraint', 'another row excludes this one'],
  '44000': ['constraint', 'the check option of a view refuses the row'],
  P0001: ['constraint', "a trigger of the app's refuses the row"],

  '22001': ['data', 'a value is too long'],
  '22003': ['data', 'a number is out of range'],
  '22007': ['data', 'a date or time is not valid'],
  '22008': ['data', 'a date or time is out of range'],
  '22021': ['data', 'a character is not in the encoding'],
  '22P02': ['data', 'a value is not valid text of its type'],
  '22P05': ['data', 'a character cannot be translated to the encoding of the database'],
  '54000': ['data', 'a value exceeds a limit of the server, such as the size of an index row'],
};

/** By the first two characters, where the code itself is not listed. */
export const classMeanings: Readonly<Record<string, Meaning>> = {
  '08': ['unavailable', 'the connection broke'],
  '22': ['data', 'a value is not valid'],
  '23': ['constraint', 'a constraint refuses the row'],
  '40': ['contention', 'the transaction was rolled back'],
  '53': ['unavailable', 'the server lacks a resource'],
  '57': ['unavailable', 'an operator or a shutdown intervened'],
  '58': ['unavailable', 'the server met an error of its system'],
};

const stillReferred: Meaning = ['waiting_for_row', 'another row still refers to this one'];

/** Reduces an error of pg to class, code, column and constraint, from the fields of the server's report alone. */
export function classify(error: unknown, purpose?: Purpose): SyncError {
  if (error instanceof SyncError) return error;
  if (!(error instanceof DatabaseError) || error.code === undefined) return withoutServerCode(error);
  const { code, table, column, constraint } = error;
  const meaning =
    code === '23503' && purpose === 'delete'
      ? stillReferred
      : (meanings[code] ??
        classMeanings[code.slice(0, 2)] ??
        (['bug', 'the server reports an error nobody foresaw'] as const));
  return classified(meaning, { code, table, column, constraint });
}
