import type { CompiledPipeline } from '../../pipeline/route.ts';
import { listPauses } from '../../temporal/pauses.ts';
import { deadLetterQuery } from '../../temporal/dead-letter-filter.ts';
import { listLink } from '../../process/web-ui.ts';
import { listJob } from '../list-jobs.ts';
import { askTemporal } from './ask-temporal.ts';
import { entityStatus } from './entity-status.ts';
import { lookAtLedgers } from './look-at-ledgers.ts';
import { lookAtReaders } from './look-at-readers.ts';
import { lookAtSide } from './look-at-side.ts';
import { inTroubleQuery, lookAtWork } from './look-at-work.ts';
import type { PipelineStatus } from './report.ts';
import type { Servers } from './servers.ts';
import { isAway } from './told.ts';

/** A worker that does not tell how far a job is leaves the rest of what Temporal knows of it, milliseconds. */
const workerAnswerMs = 1500;

/** Asks all that know of a pipeline, at once. Never rejects. */
export async function lookAtPipeline(servers: Servers, pipeline: CompiledPipeline): Promise<PipelineStatus> {
  const { client, settings } = servers;
  const sides = servers.sides(pipeline);
  const temporal = <T>(ask: () => Promise<T>) => askTemporal(client, settings.temporalAddress, ask);
  const [work, pauses, jobs, readers, ledgers, looks] = await Promise.all([
    temporal(() => lookAtWork(client, pipeline)),
    temporal(() => listPauses(client, pipeline.name)),
    temporal(() =>
      Promise.all(pipeline.jobs.map((job) => listJob(client, pipeline.name, job, workerAnswerMs))),
    ),
    lookAtReaders(servers, pipeline),
    lookAtLedgers(sides, pipeline.name),
    Promise.all([...pipeline.sides.values()].map((side) => lookAtSide(servers, pipeline, side))),
  ]);
  return {
    pipeline: pipeline.name,
    entities: pipeline.routes.map((route) =>
      entityStatus(route, {
        work,
        pauses,
        settings: sides.get(route.source.side)!.settings,
        reader: readers.get(route.source.side) ?? null,
        processed: ledgers.get(route.target.side)!,
        now: Date.now(),
      }),
    ),
    sides: looks.map((each) => {
      const reader = readers.get(each.side) ?? null;
      return { ...each, reader: reader === null || isAway(reader) ? reader : reader.look };
    }),
    work: isAway(work) ? work : work.all,
    pauses,
    jobs,
    links: {
      deadLetters: listLink(settings, deadLetterQuery({ pipeline: pipeline.name })),
      inTrouble: listLink(settings, inTroubleQuery(pipeline)),
    },
  };
}
