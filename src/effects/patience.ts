/** Milliseconds after which a bus that does not answer counts as away. */
export const busPatienceMs = 5000;

/** Rejects where `work` has not settled by then; it goes on all the same, and may still succeed. */
export async function withinPatience<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${busPatienceMs} ms`)), busPatienceMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
