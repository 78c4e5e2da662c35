/** Named troubles: metrics, `/health`, the log and docs/runbook.md know them by these names. */
export const troubleKinds = [
  'connector_failed',
  'connector_not_running',
  'connector_missing',
  'connector_paused',
  'connect_unreachable',
  'consumer_stuck',
  'log_running_out',
  'log_lost',
  'table_truncated',
] as const;

export type TroubleKind = (typeof troubleKinds)[number];

/** Something that keeps changes from moving, or soon will. Holds no row value. */
export interface Trouble {
  kind: TroubleKind;
  /** Which one: a connector, a side, a table. */
  name: string;
  /** `fail` makes `/health` answer 503; `warn` is only shown. */
  severity: 'fail' | 'warn';
  message: string;
  /** What to run or to set. */
  repair: string;
}

export interface OpenTrouble extends Trouble {
  /** When it was detected, milliseconds since the epoch. */
  since: number;
}

export interface TroubleObserver {
  detected(trouble: OpenTrouble): void;
  /** It is gone, whoever repaired it. */
  repaired(trouble: OpenTrouble, lastedMs: number): void;
}

const identity = ({ kind, name }: Trouble) => `${kind}/${name}`;

/** The troubles of this process, from all of its watches. Each is told once as it comes and once as it goes. */
export class Troubles {
  readonly #observer: TroubleObserver;
  readonly #now: () => number;
  readonly #open = new Map<string, Map<string, OpenTrouble>>();

  constructor(observer: TroubleObserver, now: () => number = Date.now) {
    this.#observer = observer;
    this.#now = now;
  }

  /** What a watch sees now; it replaces what the same watch reported before. */
  report(watch: string, seen: readonly Trouble[]): void {
    const before = this.#open.get(watch) ?? new Map<string, OpenTrouble>();
    const now = this.#now();
    const open = new Map<string, OpenTrouble>();
    for (const trouble of seen) {
      const known = before.get(identity(trouble));
      const entry = { ...trouble, since: known?.since ?? now };
      open.set(identity(trouble), entry);
      if (known === undefined) this.#observer.detected(entry);
    }
    this.#open.set(watch, open);
    for (const [key, trouble] of before)
      if (!open.has(key)) this.#observer.repaired(trouble, now - trouble.since);
  }

  open(): readonly OpenTrouble[] {
    return [...this.#open.values()].flatMap((troubles) => [...troubles.values()]);
  }
}
