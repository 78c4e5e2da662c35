/** What the databases and Kafka Connect of a run give. */
export interface Mode {
  readonly name: ModeName;
  /** The connectors drop what Tandem wrote, so the topics hold nothing of it. */
  readonly filtered: boolean;
  readonly settings: Readonly<Record<string, string>>;
}

export type ModeName = 'full' | 'no-origin';

export const modes: Readonly<Record<ModeName, Mode>> = {
  full: { name: 'full', filtered: true, settings: {} },
  // Managed databases and Kafka Connect: no origin marks, no filter.
  'no-origin': {
    name: 'no-origin',
    filtered: false,
    settings: { SYNC_ORIGIN_MARKS: 'false', CONNECTOR_FILTER: 'false' },
  },
};

export const isModeName = (text: string): text is ModeName => Object.hasOwn(modes, text);
