/** Milliseconds after which a bus that does not answer counts as away. */
export const busPatienceMs = 5000;

/** Work was not done in time. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';

  constructor(patienceMs: number) {
    super(`no answer within ${patienceMs} ms`);
  }
}

/** Rejects with `NoAnswer` where `work` has not settled by then; it goes on all the same, and may still succeed. */
export async function withinPatience<T>(work: Promise<T>, patienceMs = busPatienceMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(patienceMs)), patienceMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
