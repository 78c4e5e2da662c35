/** Every error is of exactly one class; the class, never a message, decides what happens next. */
export const errorClasses = [
  'unavailable',
  'schema',
  'contention',
  'waiting_for_row',
  'constraint',
  'data',
  'bug',
] as const;

export type ErrorClass = (typeof errorClasses)[number];

export function isErrorClass(text: string | null | undefined): text is ErrorClass {
  return errorClasses.some((known) => known === text);
}
