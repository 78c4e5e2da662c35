import { defaultLedger } from '../connection.ts';
import type { ConnectionOptions } from '../connection.ts';
import { engineDatabase } from '../engine-database.ts';
import type { LedgerDatabase } from '../engine-database.ts';
import { observedPool } from '../observed-pool.ts';
import { bulkWrites } from './bulk.ts';
import { classify } from './classify.ts';
import { connect } from './connect.ts';
import { dialect } from './dialect.ts';
import { insertRow } from './insert-row.ts';
import { introspect } from './introspect.ts';
import { enterWaitingRoom } from './enter-waiting-room.ts';
import { lockIdentity } from './lock-identity.ts';
import { uniqueIndexes } from './unique-indexes.ts';

export function openMysql(options: ConnectionOptions): LedgerDatabase {
  const { side, ledger = defaultLedger } = options;
  const pool = observedPool(connect(options), options.around);
  return engineDatabase({
    engine: 'mysql',
    side,
    ledger,
    pool,
    dialect,
    classify,
    introspect,
    uniqueIndexes,
    insertRow,
    lockIdentity,
    enterWaitingRoom,
    bulkWrites,
  });
}
