/** The code of an error where it has one; only a short word or number is trusted to be one. */
export function errorCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  const { code } = error;
  return code != null && /^[A-Za-z0-9_]{1,40}$/.test(String(code)) ? String(code) : null;
}
