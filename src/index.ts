/** Codecs are made with it; the same that the columns are made of. */
export { z } from 'zod';
/** What a pipeline file imports: `import { definePipeline, entity, … } from 'tandem-sync'`. */
export { definePipeline, entity, env, mysql, postgres, table } from './pipeline/define.ts';
export { effect, publish } from './pipeline/effects.ts';
export type {
  EntityDefinition,
  PipelineDefinition,
  PollingDefinition,
  SideDefinition,
  TargetStamps,
} from './pipeline/define.ts';
export type {
  ActionDefinition,
  EffectContext,
  EffectDefinition,
  PublicationDefinition,
  PublishedChange,
} from './pipeline/effects.ts';
export {
  array,
  bits,
  boolean,
  bytes,
  date,
  decimal,
  double,
  enumeration,
  integer,
  json,
  real,
  text,
  time,
  timestamp,
  timestamptz,
  uuid,
} from './pipeline/columns.ts';
export { endpoint } from './pipeline/endpoints.ts';
export type { EndpointDefinition } from './pipeline/endpoints.ts';
export { job } from './pipeline/jobs.ts';
export type { JobDefinition, JobPage } from './pipeline/jobs.ts';
export type { Cache, SideSql, Sql, SqlRow, Tools } from './pipeline/tools.ts';
export { defineTour } from './pipeline/tour.ts';
