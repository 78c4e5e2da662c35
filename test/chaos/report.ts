import Table from 'cli-table3';
import type { Ending } from './journal.ts';
import type { Mode } from './mode.ts';
import type { Fault } from './nemesis.ts';
import type { Finding } from './verdict.ts';

/** What a run did and came to. */
export interface Report {
  mode: Mode;
  seed: number;
  minutes: number;
  /** The command that runs it again. */
  replay: string;
  operations: Readonly<Record<string, Readonly<Record<Ending, number>>>>;
  /** Why an app was refused, to how often. */
  refusals: Readonly<Record<string, number>>;
  faults: readonly Fault[];
  /** Type to how often it was recorded, on both sides. */
  conflicts: Readonly<Record<string, number>>;
  /** Outcome to events. */
  outcomes: Readonly<Record<string, number>>;
  /** Events open at most: not yet read or not yet ended. */
  mostOpen: number;
  worstLagSeconds: number;
  /** How long the writers were held since too much was open, seconds. */
  heldSeconds: number;
  quiesceSeconds: number;
  /** What connectors said that the run had to start again. */
  revived: readonly string[];
  findings: readonly Finding[];
}

/** Shown of the problems of one finding. */
const mostShown = 20;

export const hasPassed = ({ findings }: Report): boolean =>
  findings.every(({ problems }) => problems.length === 0);

function counted(faults: readonly Fault[]): [string, number, number, number][] {
  const targets = [...new Set(faults.map(({ target }) => target))].toSorted();
  return targets.map((target) => {
    const own = faults.filter((fault) => fault.target === target);
    const killed = own.filter(({ kind }) => kind === 'SIGKILL').length;
    const longest = Math.max(...own.map(({ lasted }) => lasted)) / 1000;
    return [target, killed, own.length - killed, Math.round(longest * 10) / 10];
  });
}

const commonest = (counts: Readonly<Record<string, number>>): [string, number][] =>
  Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 10);

function table(head: string[], rows: readonly (string | number)[][]): string {
  const drawn = new Table({ head, style: { head: [], border: [], compact: true } });
  drawn.push(...rows.map((row) => [...row]));
  return drawn.toString();
}

/** The report as people read it. Rows are test data, so their values are shown. */
export function reportText(report: Report): string {
  const { mode, operations, faults, conflicts, outcomes, findings } = report;
  const verdict = findings.flatMap(({ claim, problems }) => [
    `${problems.length === 0 ? 'holds' : 'FAILS'}  ${claim}${problems.length === 0 ? '' : `: ${problems.length}`}`,
    ...problems.slice(0, mostShown).map((problem) => `         ${problem.replaceAll('\n', '\n         ')}`),
    ...(problems.length > mostShown ? [`         … and ${problems.length - mostShown} more`] : []),
  ]);
  return [
    `Chaos, mode ${mode.name}, seed ${report.seed}, ${report.minutes} min`,
    table(
      ['operation', 'acknowledged', 'unknown', 'refused', 'idle'],
      Object.entries(operations).map(([name, ends]) => [
        name,
        ends.acknowledged,
        ends.unknown,
        ends.refused,
        ends.idle,
      ]),
    ),
    ...(faults.length > 0 ? [table(['part', 'SIGKILL', 'SIGSTOP', 'longest, s'], counted(faults))] : []),
    table(
      ['conflict', 'recorded'],
      [...new Set([...mode.expectedConflicts, ...Object.keys(conflicts)])].map((type) => [
        type,
        conflicts[type] ?? 0,
      ]),
    ),
    table(['refused because', 'times'], commonest(report.refusals)),
    table(['outcome', 'events'], Object.entries(outcomes)),
    `At most ${report.mostOpen} events open, lag at worst ${Math.round(report.worstLagSeconds)} s, writers held ${Math.round(report.heldSeconds)} s, quiet after ${Math.round(report.quiesceSeconds)} s.`,
    ...report.revived.map((line) => `Had to be started again: ${line}`),
    ...verdict,
    hasPassed(report) ? 'PASSED' : `FAILED. Run it again: ${report.replay}`,
  ].join('\n');
}
