import type { CompiledTable } from '../../pipeline/route.ts';
import type { Row } from '../../change/value.ts';
import type {
  ClaimKey,
  ClaimScope,
  Database,
  Identity,
  IdentityKey,
  KeyRange,
  Transaction,
  WaitingEvent,
} from '../contract.ts';
import type { Bulk, BulkDatabase, BulkTransaction, ByTarget, TombstoneOf } from './bulk.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { GroupedReader } from './grouped-reader.ts';
import { isOfOneRow } from './halving.ts';
import { Member } from './member.ts';
import { Queue } from './queue.ts';
import type { Later } from './queue.ts';
import { Turns } from './turns.ts';

type Work = (tx: Transaction) => Promise<unknown>;

/**
 * A database for many tasks that do alike things at the same time: what they read, and their transactions, are put
 * together. Transactions that begin together are one transaction of the database, in which each kind of statement runs
 * once for all rows; each task still has its own outcome. One that fails is left out, and where it had written something
 * the others are done again without it. A task gets its result after the commit; what fails the transaction as a whole
 * fails every task in it.
 */
export function groupedDatabase(database: BulkDatabase, later: Later = setImmediate): Database {
  const reader = new GroupedReader(new Queue(later), (work) => database.bulk.read(work));
  const transactions = new Queue(later);
  return {
    engine: database.engine,
    side: database.side,
    findIdentity: (key: IdentityKey) => reader.findIdentity(key),
    findIdentityByTarget: (of: ByTarget) => reader.findIdentityByTarget(of),
    findProcessed: (eventId: string) => reader.findProcessed(eventId),
    findLocalTombstone: (of: TombstoneOf) => reader.findLocalTombstone(of),
    findRow: (table: CompiledTable, key: string) => reader.findRow(table, key),
    findClaim: (of: ClaimScope, key: ClaimKey) => reader.findClaim(of, key),
    findHolders: (table: CompiledTable, values: Row, except: string | null) =>
      database.findHolders(table, values, except),
    transaction: <T>(work: (tx: Transaction) => Promise<T>) =>
      transactions.call('transaction', 0, work, (works: readonly Work[]) =>
        together(database.bulk, works, later),
      ) as Promise<T>,
    describe: (table: CompiledTable) => database.describe(table),
    listKeys: (table: CompiledTable, range: KeyRange) => database.listKeys(table, range),
    listChanged: (...of) => database.listChanged(...of),
    listIdentityKeys: (...of) => database.listIdentityKeys(...of),
    countRows: (table: CompiledTable, where: string | null) => database.countRows(table, where),
    enterWaitingRoom: (event: WaitingEvent) => database.enterWaitingRoom(event),
    findWaiting: (row: IdentityKey) => database.findWaiting(row),
    capabilities: () => database.capabilities(),
    classify: (error: unknown) => database.classify(error),
    ping: () => database.ping(),
    close: () => database.close(),
  };
}

type Ending = PromiseSettledResult<unknown> & { written: boolean };

/** Thrown to undo what tasks wrote that then failed. */
class Undone extends Error {}

async function together(
  bulk: Bulk,
  works: readonly Work[],
  later: Later,
): Promise<PromiseSettledResult<unknown>[]> {
  const ended = new Map<number, PromiseSettledResult<unknown>>();
  for (;;) {
    const open = works.map((work, index) => ({ work, index })).filter(({ index }) => !ended.has(index));
    if (open.length === 0) break;
    const { endings, undone } = await attempt(
      bulk,
      open.map(({ work }) => work),
      later,
    );
    for (const [at, { index }] of open.entries()) {
      const ending = endings[at]!;
      if (!undone || ending.status === 'rejected') ended.set(index, ending);
    }
  }
  return works.map((_, index) => ended.get(index)!);
}

/** `undone`: nothing was committed, and those that did not fail are to be done again. */
async function attempt(
  bulk: Bulk,
  works: readonly Work[],
  later: Later,
): Promise<{ endings: readonly PromiseSettledResult<unknown>[]; undone: boolean }> {
  let all: readonly Ending[] = [];
  try {
    const endings = await bulk.transaction(async (tx) => {
      all = await runMembers(tx, works, later);
      if (all.some(({ status, written }) => status === 'rejected' && written)) throw new Undone();
      return all;
    });
    return { endings, undone: false };
  } catch (error) {
    if (error instanceof Undone) return { endings: all, undone: true };
    const reason = isOfOneRow(error)
      ? new SyncError('contention', 'another row of the same transaction failed', { cause: error })
      : error;
    const endings = works.map((_, at) =>
      all[at]?.status === 'rejected' ? all[at] : { status: 'rejected' as const, reason },
    );
    return { endings, undone: false };
  }
}

function runMembers(tx: BulkTransaction, works: readonly Work[], later: Later): Promise<Ending[]> {
  const group = {
    tx,
    queue: new Queue(later),
    turns: new Turns<Member>(),
    identities: new Map<string, Identity>(),
    unmade: new Set<string>(),
  };
  return Promise.all(works.map((work) => runMember(new Member(group), work)));
}

async function runMember(member: Member, work: Work): Promise<Ending> {
  let ending: PromiseSettledResult<unknown>;
  try {
    ending = { status: 'fulfilled', value: await work(member) };
  } catch (reason) {
    ending = { status: 'rejected', reason };
  }
  member.end();
  const { written, failure } = member;
  if (failure && ending.status === 'fulfilled') ending = { status: 'rejected', reason: failure.error };
  return { ...ending, written };
}
