import type { EndpointDefinition } from './endpoints.ts';

/** What is wrong with a pipeline's endpoints: each must be reached, and by one path. */
export function checkEndpoints(
  endpoints: readonly EndpointDefinition[],
  say: (place: string, problem: string) => void,
): void {
  const shapes = endpoints.map(({ path }) => shapeOf(path));
  for (const [at, { path }] of endpoints.entries()) {
    const place = `endpoint ${path}`;
    if (!path.startsWith('/')) say(place, "path must begin with '/'");
    const first = shapes.indexOf(shapes[at]!);
    if (first !== at) say(place, `answers the same requests as endpoint ${endpoints[first]!.path}`);
  }
}

/** A path without the names of its parameters. */
const shapeOf = (path: string) => path.replaceAll(/:[^/]+/g, ':');
