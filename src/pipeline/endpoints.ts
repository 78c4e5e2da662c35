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

/** Two paths of one shape answer the same requests, whatever their parameters are called. */
export const pathShape = (path: string): string => path.replaceAll(/:\w+/g, ':');
