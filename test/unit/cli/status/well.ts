import type {
  EntityStatus,
  PipelineStatus,
  SideStatus,
  StatusReport,
} from '../../../../src/cli/status/report.ts';
import type { OpenPause } from '../../../../src/temporal/pauses.ts';
import type { ListedJob } from '../../../../src/cli/list-jobs.ts';

const nothingOpen = { inFlight: 0, retrying: 0, waiting: 0, deadLetters: 0 };

export const entity: EntityStatus = {
  entity: 'people',
  from: 'left',
  to: 'right',
  lastMinute: {},
  unread: 0,
  lagSeconds: 0,
  work: nothingOpen,
  paused: [],
};

export const side: SideStatus = {
  side: 'left',
  engine: 'postgres',
  database: { answerMs: 3 },
  feed: 'kafka',
  connector: { name: 'tandem-left', state: 'running', tasks: [{ id: 0, state: 'RUNNING' }], cause: [] },
  reader: { name: 'tandem-town', members: 2, unread: 0 },
  log: { state: 'kept', found: 'the slot holds 0.1 GiB', repair: null, secondsLeft: null, bytesLeft: null },
  poll: null,
};

export const pause: OpenPause = {
  id: 'pause/town/people/fuse/x',
  pipeline: 'town',
  scope: { kind: 'entity', entity: 'people' },
  reason: 'fuse',
  text: 'they fail alike',
  epoch: null,
  signature: 'constraint/23505',
  since: '2026-01-08T10:00:00.000Z',
};

export const job: ListedJob = {
  pipeline: 'town',
  job: 'refresh',
  description: '',
  everyMs: 60_000,
  scheduled: true,
  paused: null,
  next: null,
  last: {
    workflowId: 'w',
    startedAt: '2026-01-08T10:00:00.000Z',
    endedAt: '2026-01-08T10:00:02.000Z',
    result: 'completed',
    why: null,
    status: null,
  },
  running: null,
};

/** A pipeline that nothing is wrong with. */
export const well: PipelineStatus = {
  pipeline: 'town',
  entities: [entity],
  sides: [side],
  work: nothingOpen,
  pauses: [],
  jobs: [job],
  links: { deadLetters: 'http://ui/dead', inTrouble: 'http://ui/trouble' },
};

export const reportOf = (pipeline: PipelineStatus, problems: readonly string[] = []): StatusReport => ({
  at: '2026-01-08T10:00:00.000Z',
  ok: problems.length === 0,
  problems,
  pipelines: [pipeline],
});
