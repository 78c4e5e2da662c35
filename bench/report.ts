import Table from 'cli-table3';
import type { CpuMs } from './cpu.ts';
import type { Growth } from './growth.ts';
import type { LaneResult } from './lane.ts';
import type { Latency } from './latency.ts';
import type { Pace } from './pace.ts';
import { median } from './rate.ts';
import type { Percentiles } from './rate.ts';
import { writeResult } from './result-file.ts';
import type { SymmetricDsFigures } from './symmetricds.ts';

export interface Report {
  rounds: number;
  events: number;
  rows: number;
  /** By measure, of each round. */
  perSecond: Record<string, number[]>;
  /** By measure, of an event in the last round. */
  cpuMs: Record<string, CpuMs>;
  latency: Partial<Record<'idle' | 'at_20' | 'at_half', Latency & { perSecond: number }>>;
  pace: Pace | null;
  symmetricDs: SymmetricDsFigures | null;
  growth: Growth | null;
  /** With a million records queued. */
  backlog: LaneResult | null;
}

const ratios = {
  event_lane_to_noop: ['event lane, insert', 'no-op workflow'],
  batch_lane_to_jdbc_sink: ['batch lane, insert', 'JDBC sink'],
  batch_lane_to_raw_upsert: ['batch lane, insert', 'bare upsert'],
  batch_lane_to_event_lane: ['batch lane, insert', 'event lane, insert'],
  backfill_to_jdbc_sink: ['backfill', 'JDBC sink'],
  backfill_to_raw_upsert: ['backfill', 'bare upsert'],
} as const;

const mediansOf = ({ perSecond }: Report): Record<string, number> =>
  Object.fromEntries(Object.entries(perSecond).map(([name, rates]) => [name, median(rates)]));

/** Of what was measured in this run. */
function ratiosOf(report: Report): Record<string, number> {
  const medians = mediansOf(report);
  const found = Object.entries(ratios).map(([name, [one, other]]): [string, number] => [
    name,
    medians[one]! / medians[other]!,
  ]);
  const burst = medians['batch lane, insert']! / (report.symmetricDs?.burstPerSecond ?? Number.NaN);
  return Object.fromEntries(
    [...found, ['burst_to_symmetricds', burst] as const].filter(([, ratio]) => !Number.isNaN(ratio)),
  );
}

export function printReport(report: Report, say: (line: string) => void): void {
  const medians = mediansOf(report);
  const table = (head: string[], rows: string[][]) => {
    if (rows.length === 0) return;
    const printed = new Table({ head, style: { head: [], border: [] } });
    printed.push(...rows);
    say(printed.toString());
  };
  table(
    ['what', 'median, /s', 'each'],
    Object.entries(report.perSecond).map(([name, rates]) => [
      name,
      medians[name]!.toFixed(1),
      rates.map((rate) => rate.toFixed(0)).join(' '),
    ]),
  );
  const parts = [...new Set(Object.values(report.cpuMs).flatMap((of) => Object.keys(of)))];
  table(
    ['processor time of an event, ms', ...parts],
    Object.entries(report.cpuMs).map(([name, of]) => [
      name,
      ...parts.map((part) => (of[part] ?? 0).toFixed(2)),
    ]),
  );
  const shown = ({ p50, p95, p99 }: Percentiles) => [p50, p95, p99].map((ms) => ms.toFixed(0)).join(' / ');
  table(
    ['latency, ms: p50 / p95 / p99', 'whole', 'capture', 'start', 'apply', 'commit'],
    Object.entries(report.latency).map(([name, { perSecond, steps, ...whole }]) => [
      `${name}, ${perSecond.toFixed(0)}/s`,
      ...[whole, steps.capture, steps.start, steps.apply, steps.commit].map(shown),
    ]),
  );
  if (report.pace) {
    const { writtenPerSecond, lagSeconds } = report.pace;
    say(
      `${writtenPerSecond.toFixed(0)} transactions of one row a second for a minute: ${lagSeconds.p50.toFixed(1)} s behind, ${lagSeconds.p99.toFixed(1)} s at p99, ${lagSeconds.last.toFixed(1)} s at the end`,
    );
  }
  const peer = report.symmetricDs;
  if (peer)
    table(
      ['SymmetricDS', ''],
      [
        ['idle, to revamp, ms', shown(peer.idleMs.toRevamp)],
        ['idle, to legacy, ms', shown(peer.idleMs.toLegacy)],
        ['burst, rows/s', peer.burstPerSecond.toFixed(0)],
        ['transactions of one row, /s', peer.singlePerSecond.toFixed(0)],
      ],
    );
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
  table(
    ['queued', 'events/s, lane auto', 'peak MB'],
    (report.growth?.queued ?? []).map(({ events, perSecond, peakBytes }) => [
      String(events),
      perSecond.toFixed(0),
      megabytes(peakBytes),
    ]),
  );
  table(
    ['rows in the ledgers', 'event lane, /s', 'batch lane, /s', 'peak MB'],
    (report.growth?.ledger ?? []).map(({ rows, eventsPerSecond, perSecond, peakBytes }) => [
      String(rows),
      eventsPerSecond.toFixed(1),
      perSecond.toFixed(0),
      megabytes(peakBytes),
    ]),
  );
  if (report.backlog)
    say(`a million records queued, event lane: ${megabytes(report.backlog.peakBytes)} MB at most`);
  for (const [name, value] of Object.entries(ratiosOf(report))) say(`${name}: ${value.toFixed(2)}`);
}

/** Returns the file's path. */
export function writeReport(report: Report, versions: object): Promise<string> {
  const { latency, ...rest } = report;
  return writeResult('', {
    versions,
    ...rest,
    medians: mediansOf(report),
    ratios: ratiosOf(report),
    latency_ms: latency,
  });
}
