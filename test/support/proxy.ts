import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP door before a server: shut, connections are refused and those that stood are cut; hung, they stand and nothing passes. */
export class Proxy implements AsyncDisposable {
  #host = '';
  #port = 0;
  readonly #sockets = new Set<Socket>();
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #server: Server | null = null;
  #own = 0;
  #hung = false;
  #accepted = 0;

  private constructor(address: string) {
    this.lead(address);
  }

  /** A shut door with a port of its own before `host:port`. */
  static async before(address: string): Promise<Proxy> {
    const proxy = new Proxy(address);
    await proxy.open();
    await proxy.shut();
    return proxy;
  }

  /** It leads to another server from now on, as a name does that is moved; what stood is cut. */
  lead(address: string): void {
    const [host = '', port = ''] = address.split(':');
    this.#host = host;
    this.#port = Number(port);
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Connections so far. */
  get accepted(): number {
    return this.#accepted;
  }

  get address(): string {
    return `localhost:${this.#own}`;
  }

  async open(): Promise<void> {
    const server = createServer((incoming) => {
      const outgoing = connect(this.#port, this.#host);
      this.#accepted += 1;
      const pair = [incoming, outgoing] as const;
      this.#pairs.add(pair);
      for (const socket of pair) {
        this.#sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => this.#sockets.delete(socket));
      }
      incoming.on('close', () => {
        this.#pairs.delete(pair);
        outgoing.destroy();
      });
      outgoing.on('close', () => incoming.destroy());
      if (!this.#hung) incoming.pipe(outgoing).pipe(incoming);
    });
    await new Promise<void>((resolve) => server.listen(this.#own, '127.0.0.1', resolve));
    this.#own = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Connections stand and are accepted, and nothing passes through them until `answer`. */
  hang(): void {
    this.#hung = true;
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  /** What was held up passes now. */
  answer(): void {
    this.#hung = false;
    for (const [incoming, outgoing] of this.#pairs) incoming.pipe(outgoing).pipe(incoming);
  }

  async shut(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    const closed = server && new Promise((resolve) => server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shut();
  }
}
