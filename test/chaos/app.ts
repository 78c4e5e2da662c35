import { connectPlain } from '../../src/database/plain-connection.ts';
import type { PlainConnection } from '../../src/database/plain-connection.ts';
import type { Ending, Write } from './journal.ts';
import { Hand } from './hand.ts';
import { Idle } from './idle.ts';
import type { Mode } from './mode.ts';
import type { Side } from './words.ts';
import { words } from './words.ts';

/** SQLSTATE or error name: the server itself refused. Anything else is a broken connection. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error &&
  (('severity' in error && error.severity === 'ERROR') ||
    ('sqlState' in error && error.sqlState !== undefined));

const rolledBack = (connection: PlainConnection): Promise<boolean> =>
  connection.query('ROLLBACK').then(
    () => true,
    () => false,
  );

/** An app of one side: one connection, opened again when it broke, as any app's pool would do. */
export class App {
  readonly side: Side;
  readonly #url: string;
  readonly #mode: Mode;
  #connection: PlainConnection | null = null;

  constructor(side: Side, adminUrl: string, mode: Mode) {
    this.side = side;
    this.#mode = mode;
    const url = new URL(adminUrl);
    url.username = url.password = words[side].app;
    this.#url = url.href;
  }

  /** Runs one transaction and tells what the app knows of its end and what it wrote. Never throws. */
  async transaction(
    work: (hand: Hand) => Promise<unknown>,
  ): Promise<{ ending: Ending; writes: readonly Write[]; reason?: string }> {
    let committing = false;
    let hand: Hand | undefined;
    try {
      this.#connection ??= await connectPlain(words[this.side].engine, this.#url);
      const connection = this.#connection;
      hand = new Hand(this.side, (statement, values) => connection.query(statement, values), this.#mode);
      await connection.query(words[this.side].begin);
      await work(hand);
      committing = true;
      await connection.query('COMMIT');
      return { ending: 'acknowledged', writes: hand.writes };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const settled = await this.#settle(error, committing);
      return { ending: settled, writes: hand?.writes ?? [], reason };
    }
  }

  /** Brings the connection back to where a transaction can begin, or gives it up. */
  async #settle(error: unknown, committing: boolean): Promise<Ending> {
    const connection = this.#connection;
    if (connection === null) return 'refused';
    const refused = isRefusal(error) && !committing;
    if ((error instanceof Idle || refused) && (await rolledBack(connection)))
      return refused ? 'refused' : 'idle';
    await this.close();
    return committing ? 'unknown' : 'refused';
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    await connection?.close().catch(() => undefined);
  }
}
