import type { DaprClient } from '@dapr/dapr';
import { SyncError } from '../errors/sync-error.ts';
import { cloudEvent, cloudEventType } from './cloud-event.ts';
import type { EventBus, Message } from './event-bus.ts';
import { withinPatience } from './patience.ts';

export interface DaprOptions {
  /** Of the sidecar, e.g. `http://localhost:3500`. */
  endpoint: string;
  /** Name of the pub/sub component. */
  pubsubName: string;
}

/** A Dapr sidecar's pub/sub, over HTTP. An envelope that is given whole is passed on as it is. */
export class DaprPubSub implements EventBus {
  readonly #options: DaprOptions;
  #client: Promise<DaprClient> | null = null;

  constructor(options: DaprOptions) {
    this.#options = options;
  }

  publish(message: Message): Promise<void> {
    const { topic } = message;
    const { pubsubName } = this.#options;
    return this.#ask(`'s ${pubsubName} does not take a message for ${topic}`, async (client) => {
      const options = { contentType: cloudEventType };
      const { error } = await client.pubsub.publish(
        pubsubName,
        topic,
        cloudEvent(message, pubsubName),
        options,
      );
      if (error) throw error;
    });
  }

  ping(): Promise<void> {
    return this.#ask(' does not answer', async (client) => {
      if (!(await client.health.isHealthy())) throw new Error('the sidecar is not healthy');
    });
  }

  async #ask(otherwise: string, work: (client: DaprClient) => Promise<void>): Promise<void> {
    try {
      await withinPatience(work(await (this.#client ??= this.#open())));
    } catch (error) {
      const code = /\bERR_\w+/.exec(String(error))?.[0];
      const why = code === undefined ? '' : `: ${code}`;
      throw new SyncError('unavailable', `Dapr${otherwise}${why}`, { code, cause: error });
    }
  }

  async close(): Promise<void> {
    await (await this.#client)?.stop();
  }

  /** Loaded only where it is used: it brings a gRPC client and a server of its own. */
  async #open(): Promise<DaprClient> {
    const { CommunicationProtocolEnum, DaprClient: Client } = await import('@dapr/dapr');
    const { protocol, hostname, port } = new URL(this.#options.endpoint);
    return new Client({
      daprHost: `${protocol}//${hostname}`,
      daprPort: port || (protocol === 'https:' ? '443' : '80'),
      communicationProtocol: CommunicationProtocolEnum.HTTP,
      logger: { service: silent },
    });
  }
}

/** What fails is told by the activity. */
const nothing = () => {};
const silent = { error: nothing, warn: nothing, info: nothing, verbose: nothing, debug: nothing };
