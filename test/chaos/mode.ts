/** What the databases and Kafka Connect of a run give. */
export interface Mode {
  readonly name: ModeName;
  /** The connectors drop what Tandem wrote, so the topics hold nothing of it. */
  readonly filtered: boolean;
  /** Tables carry a row clock and `source`, kept by triggers. */
  readonly clocked: boolean;
  /** Conflict types that a run of some minutes brings about. */
  readonly expectedConflicts: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
}

export type ModeName = 'full' | 'no-origin' | 'no-triggers';

const clockedConflicts = [
  'insert_exists',
  'update_origin_differs',
  'update_recently_deleted',
  'delete_origin_differs',
  'delete_missing',
];

export const modes: Readonly<Record<ModeName, Mode>> = {
  full: { name: 'full', filtered: true, clocked: true, expectedConflicts: clockedConflicts, settings: {} },
  // Managed databases and Kafka Connect: no origin marks, no filter.
  'no-origin': {
    name: 'no-origin',
    filtered: false,
    clocked: true,
    expectedConflicts: clockedConflicts,
    settings: { SYNC_ORIGIN_MARKS: 'false', CONNECTOR_FILTER: 'false' },
  },
  // Tables that belong to somebody else: neither triggers nor columns of Tandem's.
  'no-triggers': {
    name: 'no-triggers',
    filtered: true,
    clocked: false,
    expectedConflicts: ['update_origin_differs', 'delete_origin_differs'],
    settings: {},
  },
};

export const isModeName = (text: string): text is ModeName => Object.hasOwn(modes, text);
