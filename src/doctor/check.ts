import type { DoctorContext, InspectedSide } from './context.ts';
import { fail, reason, skip } from './finding.ts';
import type { Finding } from './finding.ts';

/** One question doctor asks. Findings never depend on another check having run. */
export interface Check {
  /** Unique, for `--only` and JSON. */
  name: string;
  /** Heading in the report. */
  title: string;
  /** How long it may take; default: what `runChecks` is given. */
  timeoutMs?: number;
  run: (context: DoctorContext) => Promise<Finding[]>;
}

export interface CheckReport {
  name: string;
  title: string;
  findings: readonly Finding[];
}

/** Whether changes are captured on the side by a connector, and not by what fills its queue. */
export const hasConnector = ({ tables, settings }: Pick<InspectedSide, 'tables' | 'settings'>): boolean =>
  settings.feed !== 'sqs' && tables.some(({ captured }) => captured);

/** Asks a side as `ask` does; skips it where the database does not answer, which the connectivity check reports. */
export async function onEachSide(
  { sides }: DoctorContext,
  ask: (side: InspectedSide) => Promise<Finding[]>,
): Promise<Finding[]> {
  const findings = await Promise.all(
    sides.map(async (side) => {
      try {
        await side.own();
        await side.admin();
      } catch {
        return [skip(side.side.name, 'not checked: the database cannot be reached')];
      }
      return ask(side);
    }),
  );
  return findings.flat();
}

/** Asks a server as `ask` does; skips it where it does not answer, which the connectivity check reports. */
export async function onServer<T>(
  name: string,
  open: () => Promise<T>,
  ask: (server: T) => Promise<Finding[]>,
): Promise<Finding[]> {
  let server: T;
  try {
    server = await open();
  } catch {
    return [skip(name, `not checked: ${name} cannot be reached`)];
  }
  return ask(server);
}

async function runCheck(
  { name, title, run, timeoutMs: own }: Check,
  context: DoctorContext,
  standardMs: number,
): Promise<CheckReport> {
  const timeoutMs = own ?? standardMs;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  });
  try {
    return { name, title, findings: await Promise.race([run(context), over]) };
  } catch (error) {
    const repair = 'repair what the message names, and run it again';
    return { name, title, findings: [fail(title, `could not be checked: ${reason(error)}`, repair)] };
  } finally {
    clearTimeout(timer);
  }
}

/** Runs all at once and reports in their order; one that throws or does not end has failed, the others go on. */
export function runChecks(
  checks: readonly Check[],
  context: DoctorContext,
  timeoutMs = 20_000,
): Promise<CheckReport[]> {
  return Promise.all(checks.map((check) => runCheck(check, context, timeoutMs)));
}
