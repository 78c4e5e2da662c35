/** A result on stdout: as JSON, or as text. */
export function print<T>(json: boolean | undefined, value: T, text: (value: T) => string): void {
  process.stdout.write(`${json ? JSON.stringify(value, null, 2) : text(value)}\n`);
}
