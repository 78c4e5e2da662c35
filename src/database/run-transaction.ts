import type { PooledSession, Session } from './session.ts';

/** Runs `work`; where it throws, what it did in the database is undone, as long as the transaction itself still stands. */
export type Undoing = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Commits what `work` did. A statement that failed dooms the transaction even where `work` went on: MySQL may have
 * rolled back already and would commit each further statement by itself. Throws that failure. Only `undoing` takes one
 * back, by a savepoint.
 */
export async function runTransaction<T>(
  session: PooledSession,
  work: (session: Session, undoing: Undoing) => Promise<T>,
): Promise<T> {
  const doomed: { failure?: { error: unknown } } = {};
  const assertSound = () => {
    if (doomed.failure) throw doomed.failure.error;
  };
  let deletes = false;
  const guarded: Session = {
    async query(statement, purpose) {
      assertSound();
      deletes ||= purpose === 'delete';
      try {
        return await session.query(statement, purpose);
      } catch (error) {
        doomed.failure ??= { error };
        throw error;
      }
    },
  };
  const undoing: Undoing = async (inner) => {
    assertSound();
    await session.command(`SAVEPOINT ${savepoint}`);
    try {
      return await inner();
    } catch (error) {
      if (await rolledBackTo(session)) delete doomed.failure;
      else doomed.failure ??= { error };
      throw error;
    }
  };
  try {
    await session.command('START TRANSACTION');
    const result = await work(guarded, undoing);
    assertSound();
    // A deferred foreign key answers here.
    await session.command('COMMIT', deletes ? 'delete' : undefined);
    return result;
  } catch (error) {
    await rollBack(session);
    throw error;
  }
}

/** One name is enough: the newest savepoint of a name is the one meant. */
const savepoint = 'tandem';

/** False where the connection is in doubt, or the server has rolled back everything: there is no savepoint any more. */
async function rolledBackTo(session: PooledSession): Promise<boolean> {
  if (session.inDoubt) return false;
  try {
    await session.command(`ROLLBACK TO SAVEPOINT ${savepoint}`);
    return true;
  } catch {
    return false;
  }
}

/** A connection in doubt is closed instead, which rolls back; so is one whose rollback fails. */
async function rollBack(session: PooledSession): Promise<void> {
  if (session.inDoubt) return;
  try {
    await session.command('ROLLBACK');
  } catch {
    session.inDoubt = true;
  }
}
