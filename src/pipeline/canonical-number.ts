/** Canonical texts of numbers. Each function gives undefined for what is not such a number. */

const decimalForm = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const infinities: Record<string, string> = {
  infinity: 'Infinity',
  '+infinity': 'Infinity',
  '-infinity': '-Infinity',
  inf: 'Infinity',
  '-inf': '-Infinity',
  nan: 'NaN',
};
/** Digits before or behind the point past which an exponent is not written out: PostgreSQL's numeric goes no further. */
const widest = 200_000;

/** `-?` digits without leading zeros; a fraction or an exponent is not an integer. */
export function canonicalInteger(text: string): string | undefined {
  const match = /^([+-]?)0*(\d+)$/.exec(text);
  if (!match) return undefined;
  const [, sign = '', digits = ''] = match;
  return sign === '-' && digits !== '0' ? `-${digits}` : digits;
}

/** Exact plain notation: no exponent, no leading or trailing zeros, no negative zero. */
export function canonicalDecimal(text: string): string | undefined {
  const special = infinities[text.toLowerCase()];
  if (special !== undefined) return special;
  const match = decimalForm.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const shift = Number(exponent);
  if (Math.abs(shift) > widest) return undefined;
  const digits = whole + fraction;
  const point = whole.length + shift;
  const before = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '';
  const behind = point < 0 ? '0'.repeat(-point) + digits : digits.slice(point);
  const left = before.replace(/^0+/, '');
  const right = behind.replace(/0+$/, '');
  if (left === '' && right === '') return '0';
  return `${sign === '-' ? '-' : ''}${left === '' ? '0' : left}${right === '' ? '' : `.${right}`}`;
}

/** The shortest text that gives the same 64-bit float back. */
export function canonicalDouble(text: string): string | undefined {
  const value = floatOf(text);
  return value === undefined ? undefined : doubleText(value);
}

/** The nearest 32-bit float, as the shortest text of its exact double. */
export function canonicalReal(text: string): string | undefined {
  const value = floatOf(text);
  return value === undefined ? undefined : doubleText(Math.fround(value));
}

export function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function floatOf(text: string): number | undefined {
  const special = infinities[text.toLowerCase()];
  if (special !== undefined) return Number(special);
  const match = decimalForm.exec(text);
  return match && (match[2] !== '' || (match[3] ?? '') !== '') ? Number(text) : undefined;
}
