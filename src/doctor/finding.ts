export type FindingStatus = 'ok' | 'warn' | 'fail' | 'skip';

/** One line of the report. Never holds a row value or a password. */
export interface Finding {
  status: FindingStatus;
  /** The thing looked at, e.g. `left: wal_level`. */
  subject: string;
  message: string;
  /** What to run or to set; null where nothing is to do. */
  repair: string | null;
  /** Where `--fix` may repair it. */
  fix?: Fix;
}

/** A repair that only adds, can be undone, and does no harm where it was done already. */
export interface Fix {
  /** What is repaired; findings that one act repairs share it. */
  key: string;
  /** Says what it did. */
  run: () => Promise<string>;
}

export const ok = (subject: string, message: string): Finding => ({
  status: 'ok',
  subject,
  message,
  repair: null,
});
export const warn = (subject: string, message: string, repair: string, fix?: Fix | null): Finding => ({
  status: 'warn',
  subject,
  message,
  repair,
  ...(fix && { fix }),
});
export const fail = (subject: string, message: string, repair: string, fix?: Fix | null): Finding => ({
  status: 'fail',
  subject,
  message,
  repair,
  ...(fix && { fix }),
});
/** Could not be looked at because of something another check reports. */
export const skip = (subject: string, message: string): Finding => ({
  status: 'skip',
  subject,
  message,
  repair: null,
});

/** What may be said of an error that a server or driver gave: the first line of it. */
export function reason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const { code } = error as Error & { code?: unknown };
  const [line = ''] = error.message.split('\n');
  return line || (typeof code === 'string' ? code : error.name);
}
