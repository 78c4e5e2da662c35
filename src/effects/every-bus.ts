import type { EventBus, Message } from './event-bus.ts';

/** Several buses, one after the other: all have a message once it is published, some may have it twice. */
export class EveryBus implements EventBus {
  readonly #buses: readonly EventBus[];

  constructor(buses: readonly EventBus[]) {
    this.#buses = buses;
  }

  async publish(message: Message): Promise<void> {
    for (const bus of this.#buses) await bus.publish(message);
  }

  async ping(): Promise<void> {
    await Promise.all(this.#buses.map((bus) => bus.ping()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#buses.map((bus) => bus.close()));
  }
}
