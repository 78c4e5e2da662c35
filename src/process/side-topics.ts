import { topicsOf } from '../ingest/topic-names.ts';
import type { CompiledSide } from '../pipeline/route.ts';
import type { SideSettings } from './config/sides.ts';

/** The topics a side is read from, as configured. */
export const sideTopics = (side: CompiledSide, { topics, databaseUrl }: SideSettings): string[] =>
  topicsOf({ ...side, topics }, new URL(databaseUrl).pathname.slice(1));
