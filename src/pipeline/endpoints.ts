import type { Tools } from './tools.ts';

/** An HTTP GET that a pipeline answers with JSON. */
export interface EndpointDefinition {
  /** With parameters, as `/users/:id`. */
  path: string;
  /**
   * The answer's body; null: there is none (404). A `SyncError` of class `data` says that the request makes no sense (400); any
   * other failure is told as 503, one that is no `SyncError` as 500.
   */
  get(parameters: Readonly<Record<string, string>>, tools: Tools): Promise<unknown>;
}

export const endpoint = (definition: EndpointDefinition): EndpointDefinition => definition;
