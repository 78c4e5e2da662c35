/** Something Tandem asks of a database, and whether it is so. Never holds a row value. */
export interface Requirement {
  /** What it is about: a setting, a table, a privilege. */
  subject: string;
  met: boolean;
  /** What follows when it is not met: Tandem does not work, or works with the limit that `found` names. */
  severity: 'fail' | 'warn';
  /** What stands, in a few words. */
  found: string;
  /** What to run or to set; null where it is met. */
  repair: string | null;
  /** Where it can be repaired by what only adds and can be undone. */
  remedy?: Remedy;
}

/** `migrate`: the ledger's migration, with the grants that belong to it. Statements are the administrator's. */
export type Remedy = 'migrate' | { statements: readonly string[] };

interface Parts {
  subject: string;
  met: boolean;
  found: string;
  repair: string;
  remedy?: Remedy | undefined;
}

const state = (severity: Requirement['severity'], parts: Parts): Requirement => {
  const { subject, met, found, repair, remedy } = parts;
  const unmet = remedy === undefined ? { repair } : { repair, remedy };
  return { subject, met, severity, found, ...(met ? { repair: null } : unmet) };
};

/** Without it Tandem does not work, or loses changes. */
export const required = (parts: Parts): Requirement => state('fail', parts);

/** Without it Tandem works, with a limit. */
export const advised = (parts: Parts): Requirement => state('warn', parts);
