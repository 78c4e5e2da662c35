import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';

/** A heading's anchor, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
    .replaceAll(' ', '-');

/** The anchors of a page's headings; `page` from the package's root. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const prose = readFileSync(join(packageRoot, page), 'utf8').replaceAll(/^```.*?^```$/gms, '');
  return new Set([...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!)));
}
