import { CreateQueueCommand, DeleteQueueCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import { createSqs } from '../../src/ingest/sqs/client.ts';
import { mostInCall, SqsQueue } from '../../src/ingest/sqs/queue.ts';
import { loadSettings } from '../../src/process/config/settings.ts';
import { sqsConnection } from '../../src/process/config/sqs.ts';
import { Environment } from '../../src/process/config/environment.ts';
import { testAddresses } from './test-stack.ts';

export const testSqs = (): SQSClient =>
  createSqs(sqsConnection(loadSettings(new Environment(testAddresses()))));

/** A queue of its own on the test stack. */
export class TestQueue implements AsyncDisposable {
  readonly client: SQSClient;
  readonly url: string;
  readonly queue: SqsQueue;

  private constructor(client: SQSClient, url: string) {
    this.client = client;
    this.url = url;
    this.queue = new SqsQueue(client, url);
  }

  static async make(visibilitySeconds = 30, name = `test-${randomUUID()}`): Promise<TestQueue> {
    const client = testSqs();
    const { QueueUrl: url } = await client.send(
      new CreateQueueCommand({
        QueueName: name,
        Attributes: { VisibilityTimeout: String(visibilitySeconds) },
      }),
    );
    return new TestQueue(client, url!);
  }

  async send(bodies: readonly string[], headers: Record<string, string> = {}): Promise<void> {
    const attributes = Object.fromEntries(
      Object.entries(headers).map(([name, text]) => [name, { DataType: 'String', StringValue: text }]),
    );
    for (let from = 0; from < bodies.length; from += mostInCall) {
      const entries = bodies
        .slice(from, from + mostInCall)
        .map((body, index) => ({ Id: String(index), MessageBody: body, MessageAttributes: attributes }));
      await this.client.send(new SendMessageBatchCommand({ QueueUrl: this.url, Entries: entries }));
    }
  }

  async messages(): Promise<number> {
    return (await this.queue.state()).messages;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.send(new DeleteQueueCommand({ QueueUrl: this.url }));
    this.client.destroy();
  }
}
