/** A handler rejected although nobody asked it to give up. */
export class HandlerDefect extends Error {
  override readonly name = 'HandlerDefect';

  constructor(cause: unknown) {
    super(`ingest met a defect: ${cause instanceof Error ? cause.name : typeof cause}`, { cause });
  }
}
