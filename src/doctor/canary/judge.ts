import type { EchoLayer } from '../../ingest/observer.ts';
import { fail, ok, warn } from '../finding.ts';
import type { Finding } from '../finding.ts';

/**
 * As whom the canary was written: Tandem with its origin mark and nothing else, Tandem with nothing but the source column, an
 * app.
 */
export type Writer = 'mark' | 'source' | 'app';

/** A change of the canary that came out of the connector, and by what ingest would know it for an echo. */
export interface CanarySeen {
  writer: Writer;
  layer: EchoLayer | null;
}

export interface CanaryRun {
  side: string;
  pipeline: string;
  /** As whom Tandem wrote, besides the app. */
  written: readonly Exclude<Writer, 'app'>[];
  /** In the order of the log. Complete up to the app's last change, where that is among them. */
  seen: readonly CanarySeen[];
  /** The app's last change came. */
  ended: boolean;
  /** The connector is to drop Tandem's writes. */
  filtered: boolean;
  seconds: number;
}

const means = { mark: 'origin mark', source: 'source column' } as const;

const repairs = {
  mark: (pipeline: string) =>
    `tandem doctor ${pipeline} --only versions,log,privileges; if the database can have no marks, set SYNC_ORIGIN_MARKS=false`,
  source: () =>
    "look for a trigger or a transformation that changes the column source of what Tandem's role writes",
} as const;

/** What a canary on one side came to. Only what the app wrote may come through. */
export function judgeCanary(run: CanaryRun): Finding[] {
  const { side, pipeline, written, seen, ended, filtered, seconds } = run;
  const subject = `${side}: canary`;
  const back = written.filter((writer) => seen.some((each) => each.writer === writer && each.layer === null));
  const failures = back.map((writer) =>
    fail(
      subject,
      `what Tandem writes here comes back: its ${means[writer]} does not tell`,
      repairs[writer](pipeline),
    ),
  );
  if (!seen.some(({ writer, layer }) => writer === 'app' && layer === null) || !ended)
    failures.push(
      fail(
        subject,
        `an app's write did not come through within ${seconds.toFixed(0)} s`,
        `tandem doctor ${pipeline} --only connectors,log,retention; a connector that is behind needs time`,
      ),
    );
  if (written.length === 0)
    failures.push(
      fail(
        subject,
        'nothing tells what Tandem writes here: neither an origin mark nor a source column',
        `tandem doctor ${pipeline} --only versions,log,privileges`,
      ),
    );
  if (failures.length > 0) return failures;
  if (filtered && seen.some(({ layer }) => layer !== null))
    return [
      warn(
        subject,
        "the connector's filter lets through what Tandem writes; ingest drops it",
        `compare transforms.filter of the connector with its file in debezium/, then tandem connectors apply ${pipeline}`,
      ),
    ];
  const by = written.map((writer) => means[writer]).join(' and ');
  return [
    ok(
      subject,
      `what Tandem writes here does not come back (known by ${by}); an app's write came through in ${seconds.toFixed(1)} s`,
    ),
  ];
}
