import { applyEvent } from '../../../src/apply/apply-event.ts';
import { applyHint } from '../../../src/apply/apply-hint.ts';
import { applyMany } from '../../../src/apply/apply-many.ts';
import { resolveIdentity } from '../../../src/apply/resolve-identity.ts';
import type { ChangeEvent } from '../../../src/change/event.ts';
import type { ApplyResult } from '../../../src/change/outcome.ts';
import type { ErrorClass } from '../../../src/errors/error-class.ts';
import { groupedDatabase } from '../../../src/database/grouped/grouped-database.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { transformChange } from '../../../src/pipeline/transform.ts';
import type { MemoryDatabase } from '../memory-database.ts';
import { simulated } from './schema.ts';
import type { Side } from './schema.ts';
import { describeEvent } from './world.ts';
import type { World } from './world.ts';

/** Classes after which a later try may go well; any other failure is one of the core. */
const passing: readonly ErrorClass[] = ['unavailable', 'contention', 'waiting_for_row', 'constraint'];

/** One try of an event, as the workflow makes it. Returns the class of a failure; the event must then come again. */
export const tryEvent = (world: World, event: ChangeEvent): Promise<ErrorClass | null> =>
  endOf(world, event, bringAny(world, event));

function bringAny({ databases, hints }: World, event: ChangeEvent): Promise<ApplyResult> {
  const hint = hints.get(event.event_id);
  return hint ? applyHint(depsOf(databases, event), hint) : bring(databases, event);
}

/** One try of many events, as the batch lane makes it; the classes of their failures in their order. */
export async function tryBatch(world: World, events: readonly ChangeEvent[]): Promise<(ErrorClass | null)[]> {
  world.count('batches');
  const deps = depsOf(world.databases, events[0]!);
  const endings = await applyMany(deps, events, (database) =>
    groupedDatabase(database, world.scheduler.later),
  );
  const failures: (ErrorClass | null)[] = [];
  for (const [at, event] of events.entries()) {
    const ending = endings[at]!;
    const tried =
      ending.status === 'fulfilled' ? Promise.resolve(ending.value) : Promise.reject(ending.reason);
    failures.push(await endOf(world, event, tried));
  }
  return failures;
}

async function endOf(
  world: World,
  event: ChangeEvent,
  tried: Promise<ApplyResult>,
): Promise<ErrorClass | null> {
  try {
    const result = await tried;
    world.trace(() => `  ${result.replayed ? 'replayed ' : ''}${result.outcome}: ${describeEvent(event)}`);
    world.count(result.replayed ? 'replayed' : result.outcome);
    if (result.conflict) world.count(result.conflict);
    // A crash here is why effects follow the stored outcome.
    if (world.crashing && world.random.chance(world.settings.crash)) return 'unavailable';
    if (result.outcome === 'applied' || result.outcome === 'conflict_applied')
      world.effects.add(event.event_id);
    return null;
  } catch (error) {
    if (!(error instanceof SyncError) || !passing.includes(error.errorClass)) throw error;
    world.trace(() => `  ${error.errorClass}: ${describeEvent(event)}: ${error.message}`);
    world.count(error.errorClass);
    return error.errorClass;
  }
}

/** Through the core: what the three verbs do with an event. */
export async function bring(
  databases: Readonly<Record<Side, MemoryDatabase>>,
  event: ChangeEvent,
): Promise<ApplyResult> {
  const deps = depsOf(databases, event);
  const transformed = transformChange(deps.route, event);
  return applyEvent(deps, event, transformed, await resolveIdentity(deps, event));
}

function depsOf(databases: Readonly<Record<Side, MemoryDatabase>>, event: ChangeEvent) {
  const route = simulated.route(event.entity_type, event.source)!;
  return {
    route,
    back: simulated.route(event.entity_type, route.target.side),
    source: databases[route.source.side as Side],
    target: databases[route.target.side as Side],
  };
}
