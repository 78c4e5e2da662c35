/** Words that schemas use for one thing; the first stands for all. */
const synonyms = [
  ['phone', 'mobile', 'telephone', 'tel', 'cell'],
  ['title', 'subject', 'headline'],
  ['content', 'body', 'text'],
  ['created', 'creation', 'create', 'inserted', 'added'],
  ['updated', 'update', 'modified', 'changed', 'edited'],
  ['description', 'descr', 'desc'],
  ['number', 'num', 'no', 'nr'],
  ['quantity', 'qty'],
  ['user', 'author', 'account'],
  ['state', 'status'],
  ['zip', 'postal', 'postcode'],
] as const;

const standsFor = new Map<string, string>(
  synonyms.flatMap(([first, ...others]) => others.map((word): [string, string] => [word, first])),
);

function singular(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (word.length > 4 && /(s|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return word.length > 3 && /[^sui]s$/.test(word) ? word.slice(0, -1) : word;
}

/** The words of a name in `snake_case`, `camelCase` or `kebab-case`, lower case and singular. */
export const wordsOf = (name: string): string[] =>
  name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map(singular);

/** The words without those they begin with, unless nothing would be left. */
export const without = (words: readonly string[], start: readonly string[]): readonly string[] =>
  start.length > 0 && words.length > start.length && start.every((word, at) => words[at] === word)
    ? words.slice(start.length)
    : words;

/** What all names begin with, as tables of one app often do; nothing for fewer than two. */
export function commonStart(names: readonly (readonly string[])[]): readonly string[] {
  const [first, ...others] = names;
  if (first === undefined || others.length === 0) return [];
  const end = first.findIndex((word, at) => others.some((words) => words[at] !== word));
  return end === -1 ? [] : first.slice(0, end);
}

function dice<T>(one: readonly T[], other: readonly T[]): number {
  const left = [...other];
  let shared = 0;
  for (const each of one) {
    const at = left.indexOf(each);
    if (at === -1) continue;
    left.splice(at, 1);
    shared += 1;
  }
  return (2 * shared) / (one.length + other.length);
}

const pairsOf = (text: string): string[] =>
  Array.from({ length: Math.max(text.length - 1, 0) }, (_, at) => text.slice(at, at + 2));

/** How alike two names are, from 0 to 1. */
export function likeness(one: readonly string[], other: readonly string[]): number {
  const [a, b] = [one.join(''), other.join('')];
  if (a === b) return 1;
  const meaning = (words: readonly string[]) => words.map((word) => standsFor.get(word) ?? word);
  return Math.max(0.9 * dice(meaning(one), meaning(other)), 0.8 * dice(pairsOf(a), pairsOf(b)));
}
