const barWidth = 24;

export const number = (n: number) => n.toLocaleString('en');

/** `done` from 0 to 1. */
export function barOf(done: number): string {
  const full = Math.round(Math.min(1, done) * barWidth);
  return `[${'█'.repeat(full)}${'░'.repeat(barWidth - full)}]`;
}

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
