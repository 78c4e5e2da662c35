import type { Logger } from 'pino';
import type { SyncObserver } from '../activities/deps.ts';
import type { ErrorClass } from '../errors/error-class.ts';
import type { Metrics } from '../observability/metrics.ts';
import { eventAttributes } from '../observability/tracing.ts';
import type { SpanAttributes, Tracing } from '../observability/tracing.ts';
import type { UpsertResult } from '../temporal/messages.ts';
import { tableLabel } from '../observability/names.ts';
import { scopeName } from '../temporal/pause.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';

/** Metrics, spans and log lines of what the activities do. */
export function observeSync(
  pipeline: CompiledPipeline,
  { metrics, tracing }: { metrics: Metrics; tracing: Tracing },
  log: Logger,
): SyncObserver {
  const label = (entity: string | null, side: string | null) => {
    const route = entity !== null && side !== null ? pipeline.route(entity, side) : undefined;
    return route ? tableLabel(route.source) : `${side ?? 'unknown'}.${entity ?? 'unknown'}`;
  };
  return {
    async during({ step, eventId, entity, operation, side }, work) {
      const began = performance.now();
      try {
        const attributes = eventAttributes({ eventId, entity, operation, side });
        return await tracing.during({ name: step, attributes }, async () => {
          const done = await work();
          if (step === 'upsertRow') tracing.note(outcomeAttributes(done as UpsertResult));
          return done;
        });
      } finally {
        metrics.stepped({ table: label(entity, side), step, seconds: (performance.now() - began) / 1000 });
      }
    },
    applied(event, { outcome, replayed, conflict, clock_ahead_seconds: ahead }, seconds) {
      const table = label(event.entity_type, event.source);
      metrics.synced({ table, status: replayed ? 'replayed' : outcome, seconds });
      if (conflict && !replayed)
        metrics.conflicted({
          table,
          type: conflict,
          verdict: outcome === 'conflict_kept' ? 'kept' : 'applied',
        });
      const fields = {
        event_id: event.event_id,
        entity_type: event.entity_type,
        operation: event.operation,
        source: event.source,
        processing_time_ms: Math.round(seconds * 1000),
        outcome,
        ...(conflict && { conflict }),
      };
      if (replayed) log.warn({ ...fields, replayed }, 'applied before');
      else if (outcome === 'stale' || conflict) log.warn(fields, 'synced');
      else log.info(fields, 'synced');
      if (ahead === undefined) return;
      metrics.fromTheFuture({ table });
      const { event_id, entity_type, source: side } = event;
      log.warn({ event_id, entity_type, side, ahead_seconds: ahead }, 'row clock ahead of this machine');
    },
    failed({ verb, eventId, entity, side, errorClass, message, attempt, signature }) {
      metrics.failed({ table: label(entity, side), errorType: errorClass });
      log[settlesByItself(errorClass) ? 'warn' : 'error'](
        {
          event_id: eventId,
          ...(entity !== null && { entity_type: entity }),
          step: verb,
          error_class: errorClass,
          error: message,
          attempt,
          signature,
        },
        'try failed',
      );
    },
    deadLetterRaised(eventId, entity, side, errorClass) {
      const table = label(entity, side);
      metrics.synced({ table, status: 'failed', seconds: null });
      metrics.deadLetterRaised({ table, errorType: errorClass });
      log.error(
        { event_id: eventId, ...(entity !== null && { entity_type: entity }), error_class: errorClass },
        'dead letter',
      );
    },
    pauseChanged({ pipeline, scope, reason, text, signature, resumed }) {
      const paused = scopeName(pipeline, scope);
      const fields = { scope: paused, reason, ...(signature !== null && { signature }) };
      if (resumed) {
        metrics.pauseEnded({ scope: paused, reason, by: resumed.by });
        log.warn({ ...fields, by: resumed.by, because: resumed.text }, 'resumed');
      } else {
        metrics.pauseBegan({ scope: paused, reason });
        log[reason === 'operator' ? 'warn' : 'error']({ ...fields, error: text }, 'paused');
      }
    },
    verified({ entity, side, found, repaired, moving }) {
      const table = label(entity, side);
      const wrong = Object.entries(found).map(([type, { rows }]) => [type, rows] as const);
      const counts = Object.fromEntries([...wrong, ['repaired', repaired], ['moving', moving]]);
      for (const [type, rows] of Object.entries(counts)) metrics.verified({ table, type, rows });
      log[wrong.length > 0 ? 'warn' : 'info']({ entity_type: entity, ...counts }, 'compared');
    },
    alerted({ alert: { cause, name, reason, message, hint }, more, open }) {
      const fields = { pipeline: pipeline.name, name, reason, signature: cause, count: more, left: open };
      if (more === 0) log.info(fields, 'alert is over');
      else log.error({ ...fields, error: message, repair: hint }, 'alert');
    },
    posted({ cause }, error) {
      metrics.alertPosted(error === null ? 'sent' : 'failed');
      if (error !== null)
        log.warn({ pipeline: pipeline.name, signature: cause, error }, 'alert not taken by the webhook');
    },
  };
}

/** What ordinary traffic brings about, and ends, without anybody's doing. */
const settlesByItself = (errorClass: ErrorClass) =>
  errorClass === 'waiting_for_row' || errorClass === 'contention';

const outcomeAttributes = ({ outcome, replayed }: UpsertResult): SpanAttributes => ({
  'tandem.outcome': outcome,
  'tandem.replayed': replayed,
});
