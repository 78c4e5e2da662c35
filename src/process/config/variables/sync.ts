import { lanes } from '../../../ingest/lane.ts';
import { text } from '../variable.ts';
import type { Variable } from '../variable.ts';

export const syncVariables = {
  maxRetries: {
    name: 'SYNC_MAX_RETRY_ATTEMPTS',
    alias: 'MAX_RETRIES',
    schema: text.wholeNumber(0, 1000),
    default: '3',
    unit: 'retries',
    description:
      'Retries after the first try of an event that a constraint or an unknown error refuses, before it becomes a dead letter. 3 means tries at 0, 1, 3 and 7 s. Outages and waiting use none of them.',
  },
  waitingDeadlineSeconds: {
    name: 'SYNC_WAITING_DEADLINE_SECONDS',
    schema: text.wholeNumber(1, 604_800),
    default: '600',
    unit: 'seconds',
    description:
      'How long an event waits for another row to come or go before it becomes a dead letter; runs only while that row could come: its connector runs and its changes are read and applied.',
  },
  maxClockSkewSeconds: {
    name: 'SYNC_MAX_CLOCK_SKEW_SECONDS',
    schema: text.wholeNumber(1, 86_400),
    default: '5',
    unit: 'seconds',
    description:
      'How far the clock of a change may be ahead of the machine that applies it before the change is flagged. It is applied all the same.',
  },
  fuseErrors: {
    name: 'SYNC_FUSE_ERRORS',
    schema: text.wholeNumber(0, 1_000_000),
    default: '20',
    unit: 'events',
    description:
      'Events of one entity that one worker sees fail alike (one error signature) within `SYNC_FUSE_WINDOW_SECONDS`, and that are over half of all its events, before the entity pauses instead of filling the dead letters. 0: never.',
  },
  fuseWindowSeconds: {
    name: 'SYNC_FUSE_WINDOW_SECONDS',
    schema: text.wholeNumber(1, 86_400),
    default: '60',
    unit: 'seconds',
    description: 'Time within which `SYNC_FUSE_ERRORS` count.',
  },
  fuseTrialSeconds: {
    name: 'SYNC_FUSE_TRIAL_SECONDS',
    schema: text.wholeNumber(1, 86_400),
    default: '60',
    unit: 'seconds',
    description:
      'Longest time between two trials of what paused by itself. The first comes after 2 s, the time doubles up to this.',
  },
  ledgerRetentionDays: {
    name: 'LEDGER_RETENTION_DAYS',
    schema: text.wholeNumber(1, 3650),
    default: '31',
    unit: 'days',
    description:
      'How long the ledgers remember applied events and deleted rows at least; not shorter than any topic keeps records.',
  },
  maxInFlight: {
    name: 'SYNC_MAX_IN_FLIGHT',
    schema: text.wholeNumber(1, 1_000_000),
    default: '5000',
    unit: 'events',
    description:
      'Open events of a pipeline, without those that wait for another row, at which reading pauses; it goes on at 80 % of it.',
  },
  maxWaiting: {
    name: 'SYNC_MAX_WAITING',
    schema: text.wholeNumber(1, 1_000_000),
    default: '20000',
    unit: 'events',
    description:
      "Events of a pipeline that wait for another row at which children's topics are not read; parents always are.",
  },
  lane: {
    name: 'SYNC_LANE',
    schema: text.oneOf(...lanes),
    default: 'auto',
    description:
      'How changes reach the target. event: a workflow for each. batch: one for up to 500, applied set-based. auto: event, but for snapshots, for what has `SYNC_BATCH_BEHIND` records behind it in its partition, and while `SYNC_BATCH_OPEN` events are open.',
  },
  batchBehind: {
    name: 'SYNC_BATCH_BEHIND',
    schema: text.wholeNumber(0, 1_000_000_000),
    default: '2000',
    unit: 'records',
    description: 'How far behind a partition is when its changes take the batch lane.',
  },
  batchOpen: {
    name: 'SYNC_BATCH_OPEN',
    schema: text.wholeNumber(1, 1_000_000),
    default: '100',
    unit: 'events',
    description:
      'Open events of a pipeline, without those that wait for another row, at which further ones take the batch lane, until a tenth is left: about what the event lane applies in two seconds.',
  },
  pollInterval: {
    name: 'SYNC_POLL_INTERVAL',
    alias: 'SYNC_INTERVAL',
    schema: text.wholeNumber(1, 3600),
    default: '1',
    unit: 'seconds',
    description: 'Between two looks at the tables of a side whose log cannot be read.',
  },
  pollRows: {
    name: 'SYNC_POLL_ROWS',
    alias: 'BATCH_SIZE',
    schema: text.wholeNumber(1, 1000),
    default: '100',
    unit: 'rows',
    description:
      'Rows of one table that such a look brings at most; where there are more the next follows at once.',
  },
  pollOverlapSeconds: {
    name: 'SYNC_POLL_OVERLAP_SECONDS',
    schema: text.wholeNumber(1, 86_400),
    default: '30',
    unit: 'seconds',
    description:
      'How often such tables are looked through once more, twice as far back, for what was committed late. Longer than any transaction of the apps.',
  },
  pollCompareSeconds: {
    name: 'SYNC_POLL_COMPARE_SECONDS',
    schema: text.wholeNumber(1, 86_400),
    default: '300',
    unit: 'seconds',
    description:
      'How often the rows of such tables are compared with the ledger, which finds deleted ones and, where a table does not tell when they were changed, changed ones.',
  },
  verifyHours: {
    name: 'SYNC_VERIFY_HOURS',
    schema: text.wholeNumber(0, 8760),
    default: '0',
    unit: 'hours',
    description:
      'How often both sides are compared whole, as by `tandem verify`, which shows what came of it. It repairs nothing. 0: only when somebody asks for it.',
  },
  startConcurrency: {
    name: 'SYNC_START_CONCURRENCY',
    schema: text.wholeNumber(1, 1000),
    default: '32',
    unit: 'starts',
    description: 'Workflow starts one ingest process has under way at a time.',
  },
  poolSize: {
    name: 'SYNC_POOL_SIZE',
    schema: text.wholeNumber(2, 1000),
    default: '10',
    unit: 'connections',
    description:
      'Database connections per side and process. Each connection to PostgreSQL takes one replication origin.',
  },
  poolLifetimeSeconds: {
    name: 'SYNC_POOL_LIFETIME_SECONDS',
    schema: text.wholeNumber(1, 31_536_000),
    default: '1800',
    unit: 'seconds',
    description: 'After so long a database connection is replaced, once nobody uses it.',
  },
  workerSlots: {
    name: 'SYNC_WORKER_SLOTS',
    schema: text.wholeNumber(1, 1000),
    default: '10',
    unit: 'activities',
    description: 'Activities one worker process runs at a time; not more than `SYNC_POOL_SIZE`.',
  },
  originMarks: {
    name: 'SYNC_ORIGIN_MARKS',
    schema: text.truth,
    default: 'true',
    description:
      'Whether database sessions carry an origin mark where server and role allow one (a replication origin on PostgreSQL, a GTID tag on MySQL). false behind a pooler that gives each transaction another session, and where no role may have marks: row source, tombstones and row clocks then tell what Tandem wrote.',
  },
} as const satisfies Record<string, Variable>;
