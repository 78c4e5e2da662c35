import { applyEvent } from '../../../src/apply/apply-event.ts';
import { resolveIdentity } from '../../../src/apply/resolve-identity.ts';
import type { ChangeEvent } from '../../../src/change/event.ts';
import type { ApplyResult } from '../../../src/change/outcome.ts';
import type { ErrorClass } from '../../../src/errors/error-class.ts';
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
export async function tryEvent(world: World, event: ChangeEvent): Promise<ErrorClass | null> {
  try {
    const result = await bring(world.databases, event);
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
  const route = simulated.route(event.entity_type, event.source)!;
  const deps = {
    route,
    back: simulated.route(event.entity_type, route.target.side),
    source: databases[route.source.side as Side],
    target: databases[route.target.side as Side],
  };
  const transformed = transformChange(route, event);
  return applyEvent(deps, event, transformed, await resolveIdentity(deps, event));
}
