import { SyncError } from '../errors/sync-error.ts';
import { eventVersion } from './event.ts';
import type { ChangeEvent } from './event.ts';

/** An event as some build wrote it: into a workflow's input, a batch, or a message of the dead-letter topic. */
export type StoredEvent = { event_version: string } & Record<string, unknown>;

/** By a version, what makes an event of it one of the version that came next. There has been one version so far. */
const upcasters: Readonly<Record<string, (event: StoredEvent) => StoredEvent>> = {};

/**
 * The event as this build understands it. Throws `schema` for a version it does not know, which a later build wrote: the
 * event goes on by itself once that build is back.
 */
export function upcast(event: StoredEvent, steps = upcasters): ChangeEvent {
  let current = event;
  while (current.event_version !== eventVersion) {
    const step = Object.hasOwn(steps, current.event_version) ? steps[current.event_version] : undefined;
    if (!step)
      throw new SyncError(
        'schema',
        `a later build wrote this event: its version is ${current.event_version}, and this build knows ${eventVersion}`,
      );
    current = step(current);
  }
  return current as ChangeEvent;
}
