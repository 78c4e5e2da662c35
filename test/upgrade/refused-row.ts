import { connectPlain } from '../../src/database/plain-connection.ts';
import { workflowTypes } from '../../src/temporal/names.ts';
import { App } from '../chaos/app.ts';
import type { Build } from '../chaos/build.ts';
import type { OrdealRun } from '../chaos/run-chaos.ts';
import { eventually } from '../support/eventually.ts';

/** Rows that MySQL refuses until they are let in; each leaves a dead letter of whichever build runs. */
export class RefusedRows {
  readonly #run: OrdealRun;
  readonly #retrying: Build;
  readonly #since = new Date();
  #refused: string[] = [];

  constructor(run: OrdealRun, retrying: Build) {
    this.#run = run;
    this.#retrying = retrying;
  }

  /** Has an app write one on the other side, and waits for its dead letter. */
  async write(patienceMs: number): Promise<void> {
    const { system, journal, mark, random } = this.#run;
    const name = `${mark}refused_${random.token()}`;
    await this.#onRevamp(`ADD CONSTRAINT ${name} CHECK (user_name <> '${name}')`);
    this.#refused.push(name);
    const app = new App('legacy', system.adminUrls.legacy, system.mode);
    try {
      const { ending, writes, reason } = await app.transaction((hand) =>
        hand.insert('users', { name, email: `${name}@x.example`, text: name }),
      );
      journal.note('refused by the other side', ending, writes, reason);
    } finally {
      await app.close();
    }
    await eventually(
      'a dead letter of each row that is refused',
      async () => (await this.#open()) === this.#refused.length,
      patienceMs,
    );
  }

  /** Lets them in, and retries their dead letters by command. Returns how many there were. */
  async letIn(): Promise<number> {
    const names = this.#refused;
    this.#refused = [];
    for (const name of names) await this.#onRevamp(`DROP CONSTRAINT ${name}`);
    await this.#run.system.tandem(this.#retrying, ['dlq', 'retry', '--pipeline', 'blog']);
    return names.length;
  }

  #open(): Promise<number> {
    return this.#run.system.running(workflowTypes.deadLetter, this.#since);
  }

  async #onRevamp(change: string): Promise<void> {
    const revamp = await connectPlain('mysql', this.#run.system.adminUrls.revamp);
    try {
      await revamp.query(`ALTER TABLE revamp_users ${change}`);
    } finally {
      await revamp.close();
    }
  }
}
