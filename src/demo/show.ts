import type { Logger } from 'pino';
import { createKafka } from '../ingest/kafka/client.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { Tour } from '../pipeline/tour.ts';
import type { Environment } from '../process/config/environment.ts';
import { kafkaConnection } from '../process/config/kafka.ts';
import { redisServer } from '../process/config/redis.ts';
import type { Settings } from '../process/config/settings.ts';
import { resolveSides } from '../process/config/sides.ts';
import { temporalServer } from '../process/config/temporal.ts';
import { sideTopics } from '../process/side-topics.ts';
import { connectTemporal } from '../process/temporal.ts';
import { takeTour } from './take-tour.ts';
import type { TourOutput } from './take-tour.ts';
import type { TourLine } from './tour-table.ts';

/** Takes a pipeline's tour against running processes, over connections of its own. */
export async function showPipeline(
  of: {
    pipeline: CompiledPipeline;
    tour: Tour;
    environment: Environment;
    settings: Settings;
    /** See `TourContext`. */
    endpoints: string | null;
    log: Logger;
  },
  out: TourOutput,
): Promise<TourLine[]> {
  const { pipeline, tour, environment, settings, endpoints, log } = of;
  const temporal = await connectTemporal(temporalServer(settings), log);
  try {
    const sides = [...resolveSides(pipeline, environment).values()].map((side) => ({
      name: side.name,
      engine: side.engine,
      adminUrl: side.adminUrl!,
      topics: sideTopics(pipeline.sides.get(side.name)!, side),
    }));
    const kafka = createKafka({ ...kafkaConnection(settings), clientId: 'tandem-demo' }, log);
    const context = {
      pipeline: pipeline.name,
      sides,
      client: temporal.client,
      kafka,
      redis: redisServer(settings),
      endpoints,
      endpointsToken: settings.endpointsToken,
      patienceMs: 60_000,
    };
    return await takeTour(context, tour, out);
  } finally {
    await temporal.connection.close();
  }
}
