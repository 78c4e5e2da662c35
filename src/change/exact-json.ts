/**
 * JSON with every number kept as its text. Numbers are quoted in the text and the engine's own parser does the rest:
 * a parser in JavaScript needs 30 bytes of memory for each byte of a long text, and a record may have 16 MiB.
 */

/** Parses; a number becomes the mark followed by its text. Throws `SyntaxError` for what is not JSON. */
export function parseExact(text: string, mark = ''): unknown {
  const parts: string[] = [];
  for (const { plain, quoted } of segments(text)) {
    parts.push(
      plain.replaceAll(number, (digits) => `"${mark}${digits}"`),
      quoted,
    );
  }
  return JSON.parse(parts.join(''));
}

/** Every number of a JSON document, as written. */
export function numbersIn(text: string): string[] {
  return [...segments(text)].flatMap(({ plain }) => plain.match(number) ?? []);
}

/** Where no string is; nothing but white space, or the end of a member, an array or an object, may follow. */
const number = /(?<![\d.eE+-])-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?=\s*(?:[,\]}]|$))/g;

/** The text outside strings, each time with the string behind it. */
function* segments(text: string): Generator<{ plain: string; quoted: string }> {
  let at = 0;
  for (;;) {
    const open = text.indexOf('"', at);
    if (open === -1) break;
    const end = closing(text, open) + 1;
    yield { plain: text.slice(at, open), quoted: text.slice(open, end) };
    at = end;
  }
  yield { plain: text.slice(at), quoted: '' };
}

/** The quote that ends the string, or the end of a text that lacks it. */
function closing(text: string, open: number): number {
  let close = open;
  for (;;) {
    close = text.indexOf('"', close + 1);
    if (close === -1) return text.length;
    let before = close - 1;
    while (text[before] === '\\') before -= 1;
    if ((close - before) % 2 === 1) return close;
  }
}
