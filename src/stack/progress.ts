/** Where one part stands during `up`. */
export type PartState = 'planned' | 'fetching' | 'starting' | 'ready' | 'given' | 'failed';

export interface StackProgress {
  readonly part: string;
  readonly state: PartState;
  /** For people: size and remaining time of a download, version and port of a server. */
  readonly text: string;
}

export type ProgressListener = (progress: StackProgress) => void;

const megabytes = (bytes: number): string => `${Math.round(bytes / 1_000_000)} MB`;

/** `34 of about 157 MB, 5 s left`; sizes are known approximately and the rest follows from the pace so far. */
export function fetchText(title: string, bytes: number, total: number, elapsedMs: number): string {
  // From the first crumbs no pace can be told.
  if (bytes < total / 50) return `fetching ${title}, about ${megabytes(total)}`;
  const remaining = Math.max(total - bytes, 0);
  const seconds = Math.ceil((remaining / bytes) * (elapsedMs / 1000));
  const left = remaining === 0 ? 'nearly done' : `${seconds} s left`;
  return `fetching ${title}: ${megabytes(bytes)} of about ${megabytes(total)}, ${left}`;
}
