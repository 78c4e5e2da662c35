import type { Client } from '@temporalio/client';

/** Payloads that are shown to everybody, and that nothing encrypts. */
const open = new Set(['searchAttributes', 'indexedFields', 'summary', 'header']);

/**
 * Every text of the workflows that a query finds, their histories and what is pending: ids, failures, stacks, search
 * attributes, summaries. All but payloads, which encryption covers.
 */
export async function toldByTemporal(client: Client, query: string): Promise<string> {
  const texts: string[] = [];
  for await (const { workflowId, runId, raw } of client.workflow.list({ query })) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const [described, history] = await Promise.all([handle.describe(), handle.fetchHistory()]);
    texts.push(...textsIn([raw, described.raw, history]));
  }
  return texts.join('\n');
}

function textsIn(value: unknown, isOpen = false): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString()];
  if (typeof value !== 'object' || value === null) return [];
  if (!isOpen && 'metadata' in value && 'data' in value) return [];
  return Object.entries(value).flatMap(([name, each]) => [name, ...textsIn(each, isOpen || open.has(name))]);
}
