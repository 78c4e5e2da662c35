import { reason } from '../../doctor/finding.ts';

/** Why a part of the answer is not there; begins with the part's name. */
export interface Away {
  away: string;
}

/** What a part told, or why it did not. */
export type Told<T> = T | Away;

export const isAway = (told: unknown): told is Away =>
  typeof told === 'object' && told !== null && 'away' in told;

/** How long a part is waited for, milliseconds: the whole answer is there within five seconds. */
const patienceMs = 3000;

/** Asks a part of the answer; what fails or takes too long is away, and nothing else waits for it. Never rejects. */
export async function told<T>(
  part: string,
  ask: () => Promise<T>,
  withinMs: number = patienceMs,
): Promise<Told<T>> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<Away>((resolve) => {
    timer = setTimeout(() => resolve({ away: `${part}: no answer within ${withinMs / 1000} s` }), withinMs);
  });
  try {
    return await Promise.race([ask(), over]);
  } catch (error) {
    const said = reasons(error);
    return { away: said.startsWith(part) ? said : `${part}: ${said}` };
  } finally {
    clearTimeout(timer);
  }
}

function reasons(error: unknown): string {
  const said = reason(error);
  const { cause } = error instanceof Error ? error : {};
  return cause instanceof Error && !said.includes(reason(cause)) ? `${said}: ${reasons(cause)}` : said;
}
