import type { Client } from '@temporalio/client';
import type { Kafka } from 'kafkajs';
import { connectPlain } from '../database/plain-connection.ts';
import type { PlainConnection } from '../database/plain-connection.ts';
import type { RedisServer } from '../effects/redis-connection.ts';
import { redisMessages } from '../effects/redis-messages.ts';
import type { Engine } from '../pipeline/define.ts';
import type { Tour, TourTools } from '../pipeline/tour.ts';
import type { DeadLetterStatus } from '../temporal/messages.ts';
import { deadLetterId, queryNames, updateNames, workflowTypes } from '../temporal/names.ts';

export interface TourSide {
  name: string;
  engine: Engine;
  adminUrl: string;
  topics: readonly string[];
}

export interface TourContext {
  pipeline: string;
  sides: readonly TourSide[];
  client: Client;
  kafka: Kafka;
  /** Of the event bus. */
  redis: RedisServer;
  /** Where the pipeline's endpoints are answered; null where it has none. */
  endpoints: string | null;
  /** Which they ask for; null: none. */
  endpointsToken: string | null;
  /** How long a step may wait for one row, milliseconds. */
  patienceMs: number;
}

/** The tools without `step`, over real connections; `close` ends them. */
export async function tourTools(
  context: TourContext,
  tour: Tour,
): Promise<Omit<TourTools, 'step'> & { close(): Promise<void> }> {
  const admins = new Map<string, PlainConnection>();
  const apps = new Map<string, PlainConnection>();
  for (const side of context.sides) {
    admins.set(side.name, await connectPlain(side.engine, side.adminUrl));
    apps.set(side.name, await connectPlain(side.engine, asRole(side.adminUrl, tour.apps[side.name]!)));
  }
  const begun = new Date();
  let written = performance.now();
  const on = (connections: Map<string, PlainConnection>, side: string) => {
    const connection = connections.get(side);
    if (!connection) throw new Error(`the tour names an unknown side ${side}`);
    return connection;
  };

  const until = async <T>(what: string, look: () => Promise<T | undefined>): Promise<T> => {
    const began = Date.now();
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      const waited = Date.now() - began;
      if (waited > context.patienceMs)
        throw new Error(`waited ${context.patienceMs / 1000} s in vain: ${what}`);
      // Finely enough to time a single row, and without taking the machine from what is waited for.
      await new Promise((resolve) => setTimeout(resolve, Math.min(100, 4 + waited / 20)));
    }
  };

  return {
    run: begun.getTime().toString(36),
    async app(side, statement, parameters) {
      const rows = await on(apps, side).query(statement, parameters);
      written = performance.now();
      return rows;
    },
    admin: (side, statement, parameters) => on(admins, side).query(statement, parameters),
    sinceWrite: () => performance.now() - written,
    see: (side, query, parameters, accept = (row) => row !== undefined) =>
      until(`${side}: ${query}`, async () => {
        const [row] = await on(admins, side).query(query, parameters);
        return accept(row) ? (row ?? {}) : undefined;
      }),
    lastEvent: (side, entity) =>
      until(`an event of ${entity} in the ledger of ${side}`, async () => {
        const [row] = await on(admins, side).query(
          `SELECT event_id FROM tandem.processed_events WHERE pipeline = '${context.pipeline}' AND entity_type = '${entity}' ORDER BY processed_at DESC LIMIT 1`,
        );
        return row && String(row['event_id']);
      }),
    async records() {
      const admin = context.kafka.admin();
      await admin.connect();
      try {
        let sum = 0n;
        for (const topic of context.sides.flatMap(({ topics }) => topics))
          for (const { high } of await admin.fetchTopicOffsets(topic)) sum += BigInt(high);
        return sum;
      } finally {
        await admin.disconnect();
      }
    },
    async ask<T>(path: string) {
      const { endpoints, endpointsToken: token } = context;
      const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
      const answer = await fetch(`${endpoints}${path}`, { headers });
      if (answer.status === 404) return null;
      if (!answer.ok) throw new Error(`${path} is answered with ${answer.status}`);
      return (await answer.json()) as T;
    },
    until: async (what, look) => void (await until(what, async () => (await look()) || undefined)),
    published: (topic, eventId) =>
      until(`a message on ${topic}`, async () => {
        const messages = await redisMessages(context.redis, topic);
        return messages.find(({ id }) => id === eventId)?.data;
      }),
    deadLetter: (entity) =>
      until(`a dead letter of ${entity}`, async () => {
        const open = context.client.workflow.list({
          query: `WorkflowType = '${workflowTypes.deadLetter}' AND ExecutionStatus = 'Running' AND TandemPipeline = '${context.pipeline}' AND TandemEntity = '${entity}' AND StartTime >= '${begun.toISOString()}'`,
        });
        for await (const { workflowId } of open) {
          const { eventId, failure } = await context.client.workflow
            .getHandle(workflowId)
            .query<DeadLetterStatus>(queryNames.status);
          return { eventId, reason: failure.message };
        }
        return undefined;
      }),
    retry: (eventId) =>
      context.client.workflow.getHandle(deadLetterId(eventId)).executeUpdate(updateNames.retry),
    async close() {
      await Promise.allSettled(
        [...admins.values(), ...apps.values()].map((connection) => connection.close()),
      );
    },
  };
}

/** The same database as another role, whose password the embedded stack makes its name. */
function asRole(url: string, role: string): string {
  const changed = new URL(url);
  changed.username = role;
  changed.password = role;
  return changed.href;
}
