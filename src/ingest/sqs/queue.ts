import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { BatchResultErrorEntry, Message, SQSClient } from '@aws-sdk/client-sqs';
import { queueNameOf } from './client.ts';

/** Messages of one call, by SQS's limit. */
export const mostInCall = 10;

export interface QueueState {
  /** Messages a receive would find now; about so many. */
  visible: number;
  /** All that are not deleted: also those somebody received, and those that are delayed. */
  messages: number;
  visibilitySeconds: number;
  /** Receives after which SQS moves a message to the dead-letter queue; null where there is none. */
  maxReceiveCount: number | null;
}

/** A message SQS did not change, by its receipt handle. */
export interface Refused {
  handle: string;
  /** False: SQS would refuse it again. */
  again: boolean;
  code: string;
}

/** One queue of SQS. Methods reject with the SDK's errors. */
export class SqsQueue {
  readonly name: string;
  readonly #client: SQSClient;
  readonly #url: string;

  constructor(client: SQSClient, url: string) {
    this.#client = client;
    this.#url = url;
    this.name = queueNameOf(url);
  }

  /** Waits for the first message; what it returns is hidden from others for so long. */
  async receive(
    { waitSeconds, visibilitySeconds }: { waitSeconds: number; visibilitySeconds: number },
    signal: AbortSignal,
  ): Promise<Message[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#url,
      MaxNumberOfMessages: mostInCall,
      WaitTimeSeconds: waitSeconds,
      VisibilityTimeout: visibilitySeconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['SentTimestamp'],
    });
    const { Messages: messages = [] } = await this.#client.send(command, { abortSignal: signal });
    return messages;
  }

  /** At most `mostInCall`. Returns those that were not deleted. */
  async remove(handles: readonly string[]): Promise<Refused[]> {
    const entries = handles.map((handle, index) => ({ Id: String(index), ReceiptHandle: handle }));
    const command = new DeleteMessageBatchCommand({ QueueUrl: this.#url, Entries: entries });
    const { Failed: failed = [] } = await this.#client.send(command);
    return refusedOf(handles, failed);
  }

  /** At most `mostInCall`, from now on; 0 seconds: at once to whoever asks. Returns those that were not changed. */
  async hide(handles: readonly string[], seconds: number): Promise<Refused[]> {
    const entries = handles.map((handle, index) => ({
      Id: String(index),
      ReceiptHandle: handle,
      VisibilityTimeout: seconds,
    }));
    const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.#url, Entries: entries });
    const { Failed: failed = [] } = await this.#client.send(command);
    return refusedOf(handles, failed);
  }

  async state(signal?: AbortSignal): Promise<QueueState> {
    const command = new GetQueueAttributesCommand({ QueueUrl: this.#url, AttributeNames: ['All'] });
    const { Attributes: of = {} } = await this.#client.send(command, signal && { abortSignal: signal });
    const visible = Number(of['ApproximateNumberOfMessages'] ?? 0);
    const hidden = Number(of['ApproximateNumberOfMessagesNotVisible'] ?? 0);
    const delayed = Number(of['ApproximateNumberOfMessagesDelayed'] ?? 0);
    return {
      visible,
      messages: visible + hidden + delayed,
      visibilitySeconds: Number(of['VisibilityTimeout'] ?? 0),
      maxReceiveCount: receivesOf(of['RedrivePolicy']),
    };
  }

  close(): void {
    this.#client.destroy();
  }
}

function receivesOf(policy: string | undefined): number | null {
  if (!policy) return null;
  const { maxReceiveCount } = JSON.parse(policy) as { maxReceiveCount?: number | string };
  return maxReceiveCount === undefined ? null : Number(maxReceiveCount);
}

const refusedOf = (handles: readonly string[], failed: readonly BatchResultErrorEntry[]): Refused[] =>
  failed.map(({ Id: id, SenderFault: ours, Code: code }) => ({
    handle: handles[Number(id)]!,
    again: ours !== true,
    code: code ?? 'unknown',
  }));

/** What may be said of a failed call; a parser's own words would quote the messages of the answer. */
export function troubleOf(queue: Pick<SqsQueue, 'name'>, error: unknown): string {
  if (error instanceof QueueDoesNotExist) return `queue ${queue.name} does not exist`;
  if (error instanceof SyntaxError) return 'its answer cannot be read';
  return error instanceof Error ? error.message || error.name : String(error);
}
