import { isUndecodable } from '../temporal/encryption-codec.ts';

/** Workflows that are left out since nobody here can decode them. */
export class Unreadable {
  readonly #workflows = new Map<string, Set<string>>();

  /** Null, and noted, where what is read of the workflow cannot be decoded. */
  async unless<T>(workflowId: string, reading: Promise<T>): Promise<T | null> {
    try {
      return await reading;
    } catch (error) {
      if (!isUndecodable(error)) throw error;
      const { message } = error;
      this.#workflows.set(message, (this.#workflows.get(message) ?? new Set()).add(workflowId));
      return null;
    }
  }

  /** A line for each reason. */
  told(): string[] {
    return [...this.#workflows].map(
      ([reason, { size }]) =>
        `${size} ${size === 1 ? 'workflow' : 'workflows'} cannot be read and may be of this row: ${reason}`,
    );
  }
}
