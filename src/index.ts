/** What a pipeline file imports: `import { definePipeline, entity, … } from 'tandem-sync'`. */
export { definePipeline, effect, entity, env, mysql, postgres, publish, table } from './pipeline/define.ts';
export type {
  ActionDefinition,
  EffectContext,
  EffectDefinition,
  EntityDefinition,
  PipelineDefinition,
  PollingDefinition,
  PublicationDefinition,
  PublishedChange,
  SideDefinition,
  TargetStamps,
} from './pipeline/define.ts';
export {
  array,
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
export { defineTour } from './pipeline/tour.ts';
