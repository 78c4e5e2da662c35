import { workflowTypes } from './names.ts';
import type { SearchAttribute } from './names.ts';

/** Which open dead letters; what is left out does not matter. */
export interface DeadLetterFilter {
  pipeline?: string;
  entity?: string;
  class?: string;
  signature?: string;
  /** Where the change happened. */
  side?: string;
  /** Opened before this instant, ISO 8601. */
  olderThan?: string;
  /** Opened after this instant, ISO 8601. */
  newerThan?: string;
}

const conditions: Record<keyof DeadLetterFilter, `${SearchAttribute | 'StartTime'} ${'=' | '<' | '>'}`> = {
  pipeline: 'TandemPipeline =',
  entity: 'TandemEntity =',
  class: 'TandemErrorClass =',
  signature: 'TandemErrorSignature =',
  side: 'TandemSide =',
  olderThan: 'StartTime <',
  newerThan: 'StartTime >',
};

/** The visibility query that finds them. */
export function deadLetterQuery(filter: DeadLetterFilter): string {
  const parts = [`WorkflowType = '${workflowTypes.deadLetter}'`, `ExecutionStatus = 'Running'`];
  for (const [name, condition] of Object.entries(conditions)) {
    const value = filter[name as keyof DeadLetterFilter];
    if (value !== undefined) parts.push(`${condition} ${quoted(value)}`);
  }
  return parts.join(' AND ');
}

/** As a visibility query takes it, whatever the text holds. */
export const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
