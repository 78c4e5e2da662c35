import type { Engine } from '../pipeline/define.ts';

/** One empty database the stack provides for one side. */
export interface StackDatabase {
  /** Variables derive from it: `<SIDE>_DATABASE_URL` and `<SIDE>_ADMIN_URL`. */
  readonly side: string;
  readonly engine: Engine;
  readonly database: string;
}

const variablePrefix = (side: string): string => side.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');

/** Address of the queue that a side's changes come in. */
export const queueUrlVariable = (side: string): string => `${variablePrefix(side)}_QUEUE_URL`;

/** Tandem's own connection: the role of this name is made by the pipeline's grants. */
export const databaseUrlVariable = (side: string): string => `${variablePrefix(side)}_DATABASE_URL`;

/** The superuser's connection: migrations, fixtures, `tandem sql`. */
export const adminUrlVariable = (side: string): string => `${variablePrefix(side)}_ADMIN_URL`;

/** The role in `<SIDE>_DATABASE_URL`. */
export const syncRole = { user: 'sync_service', password: 'sync_service' } as const;

/** The role connectors log in as. */
export const captureRole = { user: 'debezium', password: 'debezium' } as const;

/** Where Kafka Connect finds that password: its own environment. */
export const capturePasswordVariable = (side: string): string => `${variablePrefix(side)}_CDC_PASSWORD`;
