import type { Tools } from './tools.ts';

/** What one page of a job did. */
export interface JobPage {
  /** Where the next page begins; null at the end. */
  next: string | null;
  /** What was done, in counts that are added up over the pages. */
  counts: Readonly<Record<string, number>>;
  /** How far the job is by now, from 0 to 1; left out where nobody can tell. */
  fraction?: number;
}

/** Work that a pipeline does again and again, page by page; a Temporal Schedule starts it. A run ends before the next begins. */
export interface JobDefinition {
  name: string;
  /** One line, for the list of jobs. */
  description: string;
  /** Between two starts, milliseconds. */
  everyMs: number;
  /**
   * Does one page; `cursor` is the `next` of the page before, null for the first. It is done again from the same cursor where
   * it failed or its worker was lost. Rejects as an effect does.
   */
  page(cursor: string | null, tools: Tools): Promise<JobPage>;
}

export const job = (definition: JobDefinition): JobDefinition => definition;
