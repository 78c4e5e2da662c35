import { workflowTypes } from '../temporal/names.ts';
import type { SearchAttribute } from '../temporal/names.ts';

/** Which open dead letters; what is left out does not matter. */
export interface DeadLetterFilter {
  pipeline?: string;
  entity?: string;
  class?: string;
  signature?: string;
}

const attributes: Record<keyof DeadLetterFilter, SearchAttribute> = {
  pipeline: 'TandemPipeline',
  entity: 'TandemEntity',
  class: 'TandemErrorClass',
  signature: 'TandemErrorSignature',
};

/** The visibility query that finds them. */
export function deadLetterQuery(filter: DeadLetterFilter): string {
  const parts = [`WorkflowType = '${workflowTypes.deadLetter}'`, `ExecutionStatus = 'Running'`];
  for (const [name, attribute] of Object.entries(attributes)) {
    const value = filter[name as keyof DeadLetterFilter];
    if (value !== undefined) parts.push(`${attribute} = ${quoted(value)}`);
  }
  return parts.join(' AND ');
}

/** As a visibility query takes it, whatever the text holds. */
export const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
