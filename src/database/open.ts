import type { Engine } from '../pipeline/define.ts';
import type { ConnectionOptions } from './connection.ts';
import type { LedgerDatabase } from './engine-database.ts';
import { openMysql } from './mysql/database.ts';
import { openPostgres } from './postgres/database.ts';

const openers: Record<Engine, (options: ConnectionOptions) => LedgerDatabase> = {
  postgres: openPostgres,
  mysql: openMysql,
};

/** Connects when first used; `close` it. */
export const openDatabase = (options: ConnectionOptions): LedgerDatabase => openers[options.engine](options);
