import Table from 'cli-table3';
import type { Guard } from './guards.ts';

/** Where a switched-off guard was seen first, and as what. */
export interface Seen {
  first: string;
  says: string;
}

/** Prints a table of the guards as they fall. True where each was seen. */
export async function report<G extends Guard>(
  head: string,
  guards: readonly G[],
  look: (guard: G) => Promise<Seen | null>,
): Promise<boolean> {
  const style = { head: [], border: [] };
  const table = new Table({ head: ['guard', 'switched off in', head, 'seconds', 'seen as'], style });
  let unseen = 0;
  for (const guard of guards) {
    const began = Date.now();
    const seen = await look(guard);
    if (!seen) unseen += 1;
    const files = [...new Set(guard.edits.map(({ file }) => file))].join('\n');
    const seconds = ((Date.now() - began) / 1000).toFixed(1);
    table.push([guard.name, files, seen?.first ?? 'NOT SEEN', seconds, seen?.says.slice(0, 70) ?? '']);
    process.stdout.write(`${seen ? 'seen    ' : 'NOT SEEN'} ${guard.name}\n`);
  }
  process.stdout.write(`${table.toString()}\n`);
  if (unseen > 0) process.stdout.write(`${unseen} guards can be switched off and nothing fails\n`);
  return unseen === 0;
}
