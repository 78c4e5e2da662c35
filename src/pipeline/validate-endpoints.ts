import { pathShape } from './endpoints.ts';
import type { EndpointDefinition } from './endpoints.ts';

const pathPattern = /^(?:\/(?:[\w.~-]+|:[A-Za-z]\w*))+$/;

/** What is wrong with the endpoints of one pipeline. */
export function checkEndpoints(
  endpoints: readonly EndpointDefinition[],
  say: (place: string, problem: string) => void,
): void {
  const shapes = endpoints.map(({ path }) => pathShape(path));
  for (const [at, { path, parameters }] of endpoints.entries()) {
    const place = `endpoint ${path}`;
    if (!pathPattern.test(path)) say(place, 'must be a path such as /users/:id');
    const named = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!);
    const declared = Object.keys(parameters.shape);
    for (const name of new Set(named)) {
      if (!declared.includes(name)) say(place, `parameter ${name} is not declared`);
      if (named.indexOf(name) !== named.lastIndexOf(name)) say(place, `parameter ${name} is named twice`);
    }
    for (const name of declared)
      if (!named.includes(name)) say(place, `parameter ${name} is declared and not in the path`);
    if (shapes.indexOf(shapes[at]!) !== at) say(place, 'is there twice');
  }
}
