import { styleText } from 'node:util';
import type { CheckReport } from './check.ts';
import type { Fixed } from './fix.ts';
import type { FindingStatus } from './finding.ts';

type Style = 'green' | 'yellow' | 'red' | 'gray';

const styles: Record<FindingStatus, Style> = { ok: 'green', warn: 'yellow', fail: 'red', skip: 'gray' };

const findings = (reports: readonly CheckReport[]) => reports.flatMap((report) => report.findings);

export const failed = (reports: readonly CheckReport[]): boolean =>
  findings(reports).some(({ status }) => status === 'fail');

const counted = (reports: readonly CheckReport[], status: FindingStatus) =>
  findings(reports).filter((finding) => finding.status === status).length;

export interface TextOptions {
  color: boolean;
  /** Show the lines of what is well too; else a check that is all well is one line. */
  verbose: boolean;
  /** What `--fix` did before. */
  fixed?: readonly Fixed[];
}

function fixedText({ subject, did, failure }: Fixed, color: boolean): string {
  const word = failure === null ? 'fixed' : 'not fixed';
  const painted = color ? styleText(failure === null ? 'green' : 'red', word) : word;
  return `${painted}  ${subject}: ${failure ?? did}`;
}

/** One line per finding, followed by what to run where something is to repair. */
export function reportText(
  reports: readonly CheckReport[],
  { color, verbose, fixed = [] }: TextOptions,
): string {
  const paint = (status: FindingStatus) => {
    const word = status.padEnd(4);
    return color ? styleText(styles[status], word) : word;
  };
  const lines = reports.flatMap(({ title, findings }) => {
    const shown = verbose ? findings : findings.filter(({ status }) => status !== 'ok');
    const well = findings.length - shown.length;
    const head = well > 0 ? [`${paint('ok')}  ${title} (${well})`] : [];
    return [
      ...head,
      ...shown.flatMap(({ status, subject, message, repair }) => [
        `${paint(status)}  ${subject}: ${message}`,
        ...(repair === null ? [] : [`        run: ${repair}`]),
      ]),
    ];
  });
  const summary = `${counted(reports, 'ok')} ok, ${counted(reports, 'warn')} warnings, ${counted(reports, 'fail')} failed, ${counted(reports, 'skip')} not checked`;
  const fixable = findings(reports).filter(({ fix }) => fix !== undefined).length;
  const hint = fixable > 0 ? [`${fixable} of these can be repaired by: tandem doctor --fix`] : [];
  const acts = fixed.length > 0 ? [...fixed.map((each) => fixedText(each, color)), ''] : [];
  return [...acts, ...lines, '', summary, ...hint].join('\n');
}

/** `fixed` is there where `--fix` was asked for; a finding that it may repair is `fixable`. */
export function reportJson(reports: readonly CheckReport[], fixed?: readonly Fixed[]): string {
  const plain = reports.map((report) => ({
    ...report,
    findings: report.findings.map(({ fix, ...finding }) => (fix ? { ...finding, fixable: true } : finding)),
  }));
  return JSON.stringify({ ok: !failed(reports), ...(fixed && { fixed }), checks: plain }, null, 2);
}
