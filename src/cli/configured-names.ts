import type { CompiledPipeline } from '../pipeline/route.ts';
import { loadSettings } from '../process/config/settings.ts';
import { loadPipelines, shippedPipelines } from '../process/pipelines.ts';

type Names = (pipelines: readonly CompiledPipeline[]) => readonly string[];

const pipelines: Names = (all) => [...all.map(({ name }) => name), ...shippedPipelines()];
const sides: Names = (all) => all.flatMap((each) => [...each.sides.keys()]);
const entities: Names = (all) => all.flatMap((each) => each.entities);
const within =
  (names: Names): Names =>
  (all) =>
    all.flatMap((each) => names([each]).map((name) => `${each.name}/${name}`));

/** What an argument or option of that name may be, as commands call them. */
const named: Readonly<Record<string, Names>> = {
  pipeline: pipelines,
  pipelines,
  'pipeline/side': within(sides),
  'pipeline[/side]': (all) => [...pipelines(all), ...within(sides)(all)],
  'pipeline[/name]': (all) => [...pipelines(all), ...within(entities)(all), ...within(sides)(all)],
  entity: entities,
  side: sides,
  from: sides,
  take: sides,
  newEpoch: sides,
  job: (all) => all.flatMap(({ jobs }) => jobs.map(({ name }) => name)),
};

/**
 * Names from the configuration for an argument or option; of the pipelines that the line names, where it names one. None where
 * the configuration cannot be read: other commands tell why.
 */
export async function namesFor(name: string, line: readonly string[]): Promise<readonly string[]> {
  const names = named[name];
  if (names === undefined) return [];
  const configured = await Promise.resolve()
    .then(() => loadPipelines(loadSettings().pipelines))
    .catch(() => []);
  const meant = configured.filter((each) => line.includes(each.name));
  return [...new Set(names(meant.length > 0 ? meant : configured))];
}
