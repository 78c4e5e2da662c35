/** Enough to find the line; what a failure carries must stay small. */
const frames = 12;

/** The frames of a stack without its head, which repeats the message and so could hold row values. */
export function framesOf(stack: string | undefined): string {
  return (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, frames)
    .join('\n');
}
