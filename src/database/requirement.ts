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
}

type Parts = { subject: string; met: boolean; found: string; repair: string };

const state = (severity: Requirement['severity'], { subject, met, found, repair }: Parts): Requirement => ({
  subject,
  met,
  severity,
  found,
  repair: met ? null : repair,
});

/** Without it Tandem does not work, or loses changes. */
export const required = (parts: Parts): Requirement => state('fail', parts);

/** Without it Tandem works, with a limit. */
export const advised = (parts: Parts): Requirement => state('warn', parts);
