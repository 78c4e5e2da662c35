import { SyncError } from '../../errors/sync-error.ts';

const answerMs = 10_000;

/** Throws `unavailable`, without the address, unless it is answered by 2xx. A redirect is no answer: it would drop the body. */
export async function postJson(url: string, body: object): Promise<void> {
  const { status, ok } = await answer(url, body);
  if (!ok) throw new SyncError('unavailable', `the webhook answers ${status}`, { code: String(status) });
}

async function answer(url: string, body: object): Promise<{ status: number; ok: boolean }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(answerMs),
    });
    await response.body?.cancel();
    return response;
  } catch (error) {
    const code = codeOf(error);
    throw new SyncError('unavailable', `the webhook cannot be reached (${code})`, { code, cause: error });
  }
}

/** fetch tells what happened in the cause alone. */
function codeOf(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string } };
  return cause?.code ?? name ?? 'unknown';
}
