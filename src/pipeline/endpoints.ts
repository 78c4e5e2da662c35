import type { z } from 'zod';
import type { Tools } from './tools.ts';

/** An HTTP GET that a pipeline answers with JSON. */
export interface EndpointDefinition<Parameters extends z.ZodObject = z.ZodObject> {
  /** With parameters, as `/users/:id`. */
  path: string;
  /** Of each parameter of the path; a request with others is told as 400, naming the parameters and not their values. */
  parameters: Parameters;
  /**
   * The answer's body; null: there is none (404). A `SyncError` is told as 503, to be asked again; one of class `bug`, and any
   * other failure, as 500 that says nothing more.
   */
  get(parameters: z.infer<Parameters>, tools: Tools): Promise<unknown>;
}

export const endpoint = <Parameters extends z.ZodObject>(
  definition: EndpointDefinition<Parameters>,
): EndpointDefinition => definition;

const pathPattern = /^(?:\/(?:[\w.~-]+|:[A-Za-z]\w*))+$/;

/** Two paths of one shape answer the same requests, whatever their parameters are called. */
export const pathShape = (path: string): string => path.replaceAll(/:\w+/g, ':');

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
