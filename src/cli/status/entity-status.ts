import type { ProcessedCount } from '../../database/count-processed.ts';
import { tableLabel } from '../../observability/names.ts';
import type { Route } from '../../pipeline/route.ts';
import type { SideSettings } from '../../process/config/sides.ts';
import { databaseName } from '../../process/side-topics.ts';
import { topicOf } from '../../ingest/topic-names.ts';
import { covers } from '../../temporal/pauses.ts';
import type { OpenPause } from '../../temporal/pauses.ts';
import type { ReaderSeen } from './look-at-reader.ts';
import type { WorkLook } from './look-at-work.ts';
import type { EntityStatus } from './report.ts';
import { isAway } from './told.ts';
import type { Told } from './told.ts';

/** What was seen that says something of a direction of an entity. */
export interface Seen {
  work: Told<WorkLook>;
  pauses: Told<readonly OpenPause[]>;
  /** Of the side its changes come from. */
  settings: Pick<SideSettings, 'databaseUrl' | 'topics'>;
  /** Of that side; null where nothing is captured there. */
  reader: Told<ReaderSeen> | null;
  /** Of the side they go to. */
  processed: Told<readonly ProcessedCount[]>;
  /** Milliseconds since the epoch. */
  now: number;
}

export function entityStatus(route: Route, seen: Seen): EntityStatus {
  const { entity, source, target } = route;
  const { work, pauses, processed } = seen;
  const covering = isAway(pauses) ? [] : pauses.filter(({ scope }) => covers(scope, entity, source.side));
  return {
    entity,
    from: source.side,
    to: target.side,
    lastMinute: isAway(processed) ? processed : outcomesOf(entity, processed),
    unread: unreadOf(route, seen),
    lagSeconds: lagOf(route, seen),
    work: isAway(work) ? work : work.of(route),
    paused: [...new Set(covering.map(({ reason }) => reason))],
  };
}

const outcomesOf = (entity: string, processed: readonly ProcessedCount[]) =>
  Object.fromEntries(
    processed.filter((each) => each.entity === entity).map(({ outcome, events }) => [outcome, events]),
  );

function unreadOf({ source }: Route, { settings, reader }: Seen): EntityStatus['unread'] {
  if (reader === null || isAway(reader)) return reader;
  // Topics that are configured may carry any table.
  if (reader.byTopic === null || settings.topics !== null) return null;
  return reader.byTopic.get(topicOf(source, databaseName(settings))) ?? 0;
}

function lagOf(route: Route, seen: Seen): number | null {
  const { work, reader, now } = seen;
  if (isAway(work)) return null;
  const oldest = work.oldest.get(tableLabel(route.source));
  if (oldest !== undefined) return Math.max(0, (now - oldest) / 1000);
  if (isAway(reader)) return null;
  const unread = unreadOf(route, seen) ?? reader?.look.unread ?? 0;
  return unread === 0 ? 0 : null;
}
