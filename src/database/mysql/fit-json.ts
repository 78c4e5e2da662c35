import { jsonNumbers } from '../../pipeline/canonical-json.ts';
import { canonicalDecimal } from '../../pipeline/canonical-number.ts';
import type { Misfit } from '../fit.ts';

/** What MySQL's JSON type would refuse or change in canonical JSON text. */
export function jsonMisfit(json: string): Misfit {
  if (/(?<!\\)(?:\\\\)*\\ud[89a-f]/i.test(json)) return 'JSON with half of a surrogate pair';
  if (depthOf(json) > 100) return 'JSON nested deeper than 100';
  return jsonNumbers(json).some((number) => !holds(number))
    ? 'JSON with a number that MySQL would round'
    : undefined;
}

/** A JSON number is a 64-bit integer, signed or not, or else a 64-bit float. */
function holds(number: string): boolean {
  if (/^-?\d+$/.test(number)) {
    const integer = BigInt(number);
    if (integer >= -(2n ** 63n) && integer < 2n ** 64n) return true;
  }
  const float = Number(number);
  return Number.isFinite(float) && canonicalDecimal(String(float)) === number;
}

function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '[' || character === '{')) deepest = Math.max(deepest, ++depth);
    else if (!quoted && (character === ']' || character === '}')) depth -= 1;
  }
  return deepest;
}
