import type { JobDefinition } from './jobs.ts';

const namePattern = /^[A-Za-z0-9_-]{1,50}$/;

/** What is wrong with a pipeline's jobs: their names become ids, their intervals those of a Temporal Schedule. */
export function checkJobs(
  jobs: readonly JobDefinition[],
  say: (place: string, problem: string) => void,
): void {
  const names = jobs.map(({ name }) => name);
  for (const [at, { name, everyMs }] of jobs.entries()) {
    const place = `job ${name}`;
    if (!namePattern.test(name)) say(place, `name must match ${namePattern.source}`);
    if (names.indexOf(name) !== at) say(place, 'two jobs have this name');
    if (!(everyMs >= 1000)) say(place, `everyMs must be at least 1000, and is ${everyMs}`);
    else if (everyMs % 1000 !== 0) say(place, `everyMs must be whole seconds, and is ${everyMs}`);
  }
}
