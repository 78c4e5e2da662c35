import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { NativeConnection } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import type { Admin, Kafka, Producer } from 'kafkajs';
import { pino } from 'pino';
import type { FeedRecord } from '../../src/ingest/change-feed.ts';
import { countRunning } from '../../src/ingest/count-running.ts';
import { Ingester, type IngesterOptions } from '../../src/ingest/ingester.ts';
import { KafkaFeed } from '../../src/ingest/kafka/consumer.ts';
import { RewindMarks } from '../../src/ingest/kafka/rewind.ts';
import { Retention } from '../../src/ingest/kafka/retention.ts';
import { changeTopicSettings } from '../../src/ingest/kafka/topics.ts';
import type { IngestObserver } from '../../src/ingest/observer.ts';
import { Starter } from '../../src/ingest/starter.ts';
import { defaultRetryLimits } from '../../src/errors/policy.ts';
import { integer, text } from '../../src/pipeline/columns.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import { definePipeline, entity, mysql, postgres, table } from '../../src/pipeline/define.ts';
import type { DeadLetterInput } from '../../src/temporal/messages.ts';
import { taskQueue } from '../../src/temporal/names.ts';
import { dataConverter } from '../../src/temporal/data-converter.ts';
import { GzipCodec } from '../../src/temporal/payload-codec.ts';
import { noKeys } from '../../src/temporal/payload-keys.ts';
import { eventually } from './eventually.ts';
import { temporalConnection } from '../../src/process/temporal-server.ts';
import { testKafka, testTemporal } from './pipeline-system.ts';

const log = pino({ level: 'silent' });

/** What an ingester told, in order. */
export interface Told {
  started: { key: string; eventId: string; repeated: boolean }[];
  dead: { errorClass: string; message: string }[];
  paused: boolean[];
  topicsPaused: (readonly string[])[];
  delayed: string[];
  skipped: string[];
  echoes: string[];
}

/** Kafka and Temporal of the test stack, and a pipeline of one entity with names of its own, so that tests do not meet. */
export class IngestWorld implements AsyncDisposable {
  readonly name = `ingest_${randomUUID().slice(0, 8)}`;
  readonly topic = `${this.name}.people`;
  readonly groupId = this.name;
  readonly pipeline = compilePipeline(
    definePipeline({
      name: this.name,
      sides: { left: postgres({ url: 'postgres://left' }), right: mysql({ url: 'mysql://right' }) },
      entities: {
        people: entity({
          tables: {
            left: table('people', { id: integer(), name: text() }),
            right: table('persons', { id: integer(), title: text() }),
          },
          columns: { name: 'title' },
        }),
      },
    }),
  );
  readonly #ingesters: Ingester[] = [];
  readonly #connections: { close(): Promise<void> }[] = [];
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly producer: Producer;
  readonly client: Client;

  private constructor(kafka: Kafka, connection: Connection) {
    this.kafka = kafka;
    this.admin = kafka.admin();
    this.producer = kafka.producer();
    this.#connections.push(connection);
    this.client = new Client({ connection, dataConverter: dataConverter(noKeys) });
  }

  static async open(): Promise<IngestWorld> {
    const kafka = testKafka('test');
    const world = new IngestWorld(kafka, await Connection.connect(temporalConnection(testTemporal())));
    await Promise.all([world.admin.connect(), world.producer.connect()]);
    await world.admin.createTopics({
      topics: [
        {
          topic: world.topic,
          numPartitions: 3,
          configEntries: [{ name: 'max.message.bytes', value: String(changeTopicSettings.maxMessageBytes) }],
        },
      ],
    });
    return world;
  }

  /** A client as the processes have it, that reaches Temporal by another address. */
  async clientAt(address: string): Promise<Client> {
    const connection = await NativeConnection.connect(temporalConnection({ ...testTemporal(), address }));
    this.#connections.push(connection);
    return new Client({ connection, dataConverter: dataConverter(noKeys) });
  }

  /** An ingester of the left side, not started. */
  ingester(own: Partial<IngesterOptions> & { client?: Client } = {}): { ingester: Ingester; told: Told } {
    const { client = this.client } = own;
    const told: Told = {
      started: [],
      dead: [],
      paused: [],
      topicsPaused: [],
      delayed: [],
      skipped: [],
      echoes: [],
    };
    const observer: IngestObserver = {
      batchRead: () => {},
      during: (_records, _event, work) => work(),
      taken: () => {},
      released: () => {},
      started: (event, repeated) =>
        told.started.push({ key: event.primary_key, eventId: event.event_id, repeated }),
      echoDropped: (layer) => told.echoes.push(layer),
      truncated: () => told.skipped.push('truncate'),
      skipped: (reason) => told.skipped.push(reason),
      deadRecord: (_, errorClass, message) => told.dead.push({ errorClass, message }),
      startDelayed: (_, __, code) => told.delayed.push(code),
      paused: (paused) => told.paused.push(paused),
      crowded: () => {},
      topicsPaused: (topics) => told.topicsPaused.push(topics),
      lag: () => {},
    };
    const retention = new Retention(this.kafka);
    const marks = new RewindMarks(this.kafka, this.groupId, [this.topic]);
    const ingester = new Ingester({
      pipeline: this.pipeline,
      side: 'left',
      feed: this.feed(),
      starter: new Starter({
        client,
        eager: false,
        onDelayed: (...args) => {
          observer.startDelayed(...args);
        },
      }),
      limits: defaultRetryLimits,
      startConcurrency: 16,
      lane: { lane: 'event', behind: 2000, open: 100 },
      maxInFlight: 5000,
      maxWaiting: 20_000,
      childTopics: [],
      countRunning: () => countRunning(client, this.name),
      expiry: (record: FeedRecord) => retention.expiry(record),
      rewound: (record, signal) => marks.cover(record, signal),
      observer,
      countIntervalMs: 200,
      ...own,
    });
    this.#ingesters.push(ingester);
    return { ingester, told };
  }

  feed(topic = this.topic, groupId = this.groupId): KafkaFeed {
    return new KafkaFeed({
      kafka: this.kafka,
      groupId,
      topics: new Map([[topic, changeTopicSettings]]),
      concurrency: 2000,
      sessionTimeoutMs: 6000,
      log,
    });
  }

  readonly running = `TandemPipeline = '${this.name}' AND ExecutionStatus = 'Running'`;

  /** Debezium's PostgreSQL envelope of an insert into `people`. */
  insertOf(id: number, own: { name?: string; table?: string; partition?: number } = {}) {
    const value = {
      before: null,
      after: { id, name: own.name ?? `name ${id}`, source: 'left', sync_clock: 1_700_000_000_000_000 + id },
      source: {
        version: '3.7.0.Final',
        connector: 'postgresql',
        name: 'left',
        ts_ms: 1_700_000_000_000,
        ts_us: 1_700_000_000_000_000,
        ts_ns: 1_700_000_000_000_000_000,
        snapshot: 'false',
        db: 'left_db',
        schema: 'public',
        table: own.table ?? 'people',
        txId: 700 + id,
        lsn: 24_000_000 + id,
        xmin: null,
        origin: null,
      },
      transaction: null,
      op: 'c',
      ts_ms: 1_700_000_000_100,
    };
    return {
      key: JSON.stringify({ id }),
      value: JSON.stringify(value),
      ...(own.partition === undefined ? {} : { partition: own.partition }),
    };
  }

  async send(...messages: { key: string; value: string | null; partition?: number }[]): Promise<void> {
    await this.producer.send({ topic: this.topic, messages });
  }

  /** The same as a copy of the topic in another cluster: other name, other partitions, other offsets, and a group that has read nothing. */
  async mirror(...messages: { key: string; value: string }[]): Promise<KafkaFeed> {
    const topic = `mirror.${this.topic}`;
    await this.admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    await this.producer.send({ topic, messages: [{ key: 'before', value: null }, ...messages] });
    return this.feed(topic, `${this.groupId}.mirror`);
  }

  /** Sum of the group's committed offsets: how many records are acknowledged. */
  async committed(): Promise<number> {
    const [answer] = await this.admin.fetchOffsets({ groupId: this.groupId, topics: [this.topic] });
    return (answer?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
  }

  /** What the open dead letters of this pipeline hold. */
  async deadLetters(): Promise<DeadLetterInput[]> {
    const found: DeadLetterInput[] = [];
    const query = `WorkflowType = 'deadLetter' AND TandemPipeline = '${this.name}'`;
    for await (const { workflowId } of this.client.workflow.list({ query })) {
      const { events } = await this.client.workflow.getHandle(workflowId).fetchHistory();
      const payloads = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
      const [decoded] = await new GzipCodec().decode(payloads);
      found.push(defaultPayloadConverter.fromPayload<DeadLetterInput>(decoded!));
    }
    return found;
  }

  /** Ids of the workflows of this pipeline, one entry for each execution; waits until visibility shows that many. */
  async executions(count: number): Promise<string[]> {
    const query = `WorkflowType = 'syncChange' AND TandemPipeline = '${this.name}'`;
    return eventually(`${count} executions`, async () => {
      const ids: string[] = [];
      for await (const { workflowId } of this.client.workflow.list({ query })) ids.push(workflowId);
      return ids.length >= count ? ids : null;
    });
  }

  /** Plays the worker for so many workflows that just started: completes them, as if their events had been applied. */
  async complete(count: number): Promise<void> {
    const { workflowService: service, options } = this.client;
    const { namespace } = options;
    const commandType = temporal.api.enums.v1.CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION;
    for (let completed = 0; completed < count;) {
      // A poll given up early could take a task along; the server ends one by itself within a minute.
      const { taskToken } = await this.client.withDeadline(Date.now() + 70_000, () =>
        service.pollWorkflowTaskQueue({ namespace, taskQueue: { name: taskQueue(this.name) } }),
      );
      if (taskToken.length === 0) continue;
      await service.respondWorkflowTaskCompleted({
        namespace,
        taskToken,
        commands: [{ commandType, completeWorkflowExecutionCommandAttributes: {} }],
      });
      completed++;
    }
  }

  async terminateRunning(): Promise<void> {
    for await (const { workflowId } of this.client.workflow.list({ query: this.running }))
      await this.client.workflow.getHandle(workflowId).terminate('the test is done with it');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#ingesters.map((ingester) => ingester.stop()));
    await this.terminateRunning();
    await Promise.all([this.admin.disconnect(), this.producer.disconnect()]);
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }
}
