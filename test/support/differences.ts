import { resolveSides } from '../../src/process/config/sides.ts';
import { disagreements } from '../chaos/compare.ts';
import { modes } from '../chaos/mode.ts';
import { takeSnapshots } from '../chaos/rows.ts';
import type { Blog } from './blog-system.ts';

/** Every way in which the sides disagree about rows whose name or title begins so (all without it) and the likes of such users. */
export async function differences(blog: Blog, mark = ''): Promise<string[]> {
  const sides = resolveSides(blog.pipeline, blog.environment);
  const adminUrls = { legacy: sides.get('legacy')!.adminUrl!, revamp: sides.get('revamp')!.adminUrl! };
  const { rows, identities } = disagreements(await takeSnapshots(adminUrls, mark, new Date(), modes.full));
  return [...rows, ...identities];
}
