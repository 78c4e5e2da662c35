/** Enough to find the line; what a failure carries must stay small. */
const most = 12;

/** The frames of an error's stack, without its head: that repeats the message, which may hold row values in several lines. */
export function framesOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('stack' in error)) return '';
  const stack = String(error.stack);
  const message = 'message' in error ? String(error.message) : '';
  const at = stack.indexOf(message);
  return stack
    .slice(at < 0 ? 0 : at + message.length)
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, most)
    .join('\n');
}
