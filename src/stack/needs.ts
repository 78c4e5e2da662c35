import { existsSync } from 'node:fs';
import { isFetched } from './download.ts';
import type { Part, PartContext, PartPlan } from './part.ts';
import type { Needs } from './preflight.ts';
import { isAlive } from './process-identity.ts';
import { readRecord } from './server-process.ts';

/** Archives lie beside what is unpacked from them for a while. */
const fetchSlack = 1.5;

/** What it takes to bring these parts up, given what is fetched, made and running already. */
export function needsOf(plans: ReadonlyMap<Part, PartPlan>, { folders }: PartContext): Needs {
  const downloads = new Map(
    [...plans.values()]
      .flatMap((plan) => plan.downloads)
      .filter((download) => !isFetched(folders.downloads, download))
      .map((download) => [download.name, download]),
  );
  const fetched = [...downloads.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const idle = [...plans.keys()].filter((part) => {
    const record = readRecord(folders.record(part.name));
    return record === undefined || !isAlive(record.identity);
  });
  const fresh = idle.filter((part) => !existsSync(folders.data(part.name)));
  return {
    tools: [...new Set([...downloads.values()].flatMap((download) => download.tools))],
    diskBytes: fetched * fetchSlack + fresh.reduce((sum, part) => sum + part.diskBytes, 0),
    memoryBytes: idle.reduce((sum, part) => sum + part.memoryBytes, 0),
  };
}
