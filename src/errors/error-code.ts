/** The code of an error where it has one; only a short word or number is trusted to be one. */
export function errorCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  const { code } = error;
  if (typeof code === 'number') return String(code);
  return typeof code === 'string' && /^\w{1,40}$/.test(code) ? code : null;
}
