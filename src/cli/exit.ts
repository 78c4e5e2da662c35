import { CommanderError } from 'commander';
import { ConfigError } from '../errors/config-error.ts';
import { Interrupted } from './interrupt.ts';

/** What a command ends with when it throws: the lines for stderr and the exit code. */
export interface Ending {
  lines: readonly string[];
  code: number;
}

/** Errors of the language mean that Tandem is wrong, not its surroundings: only these show where. */
const isDefect = (error: unknown) =>
  error instanceof TypeError ||
  error instanceof ReferenceError ||
  error instanceof RangeError ||
  error instanceof SyntaxError ||
  !(error instanceof Error);

function causes(error: Error): string[] {
  const { cause } = error;
  if (!(cause instanceof Error) || error.message.includes(cause.message)) return [];
  return [`  because: ${cause.message}`, ...causes(cause)];
}

/** What `tandem --help` tells of exit codes. */
export const exitCodes: Readonly<Record<string, string>> = {
  0: 'done, and nothing is wrong',
  1: 'it failed, or what was asked about is wrong (doctor, status, connectors status, verify)',
  2: 'a setting or the command line is wrong; nothing was done',
  130: 'interrupted by Ctrl-C before it was done (143: by SIGTERM); it says what goes on or is left',
};

/** One line per problem of a setting; a stack only for a defect. */
export function endingOf(error: unknown): Ending {
  if (error instanceof CommanderError)
    // commander has already written its message
    return { lines: [], code: error.exitCode === 0 ? 0 : 2 };
  if (error instanceof ConfigError) return { lines: error.problems, code: 2 };
  if (error instanceof Interrupted)
    return { lines: [`tandem: ${error.message}`, ...causes(error)], code: error.exitCode };
  if (error instanceof AggregateError && error.message === '')
    return { lines: error.errors.flatMap((each: unknown) => [...endingOf(each).lines]), code: 1 };
  if (isDefect(error)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { lines: ['tandem: this is a defect of Tandem, please report it:', stack], code: 1 };
  }
  const expected = error as Error;
  return { lines: [`tandem: ${expected.message || expected.name}`, ...causes(expected)], code: 1 };
}
