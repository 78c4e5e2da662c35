import { isAlive } from './process-identity.ts';
import { readRecord } from './server-process.ts';
import { survey } from './survey.ts';
import type { SurveyInput } from './survey.ts';

export interface PartStatus {
  readonly part: string;
  readonly title: string;
  /** `died`: on record as started and no longer there. */
  readonly state: 'running' | 'given' | 'stopped' | 'died';
  readonly version: string | undefined;
  readonly pid: number | undefined;
  readonly ports: readonly number[];
  readonly log: string;
}

/** What is on record of each part that is needed, or once was, judged by its process. Asks no server. */
export function statusOf(input: SurveyInput): readonly PartStatus[] {
  const { own, unneeded, context } = survey(input);
  return input.parts.flatMap((part) => {
    const record = readRecord(context.folders.record(part.name));
    if (record === undefined && unneeded.includes(part)) return [];
    const alive = record !== undefined && isAlive(record.identity);
    const idle = own.includes(part) ? 'stopped' : 'given';
    return {
      part: part.name,
      title: part.title,
      state: alive ? 'running' : record ? 'died' : idle,
      version: alive ? record.version : undefined,
      pid: alive ? record.identity.pid : undefined,
      ports: alive ? record.ports : part.ports.map(({ name }) => context.port(name)),
      log: context.folders.log(part.name),
    };
  });
}
