import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP door before a server: shut, connections are refused and those that stood are cut. */
export class Proxy implements AsyncDisposable {
  readonly #host: string;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #own = 0;

  private constructor(address: string) {
    const [host = '', port = ''] = address.split(':');
    this.#host = host;
    this.#port = Number(port);
  }

  /** A shut door with a port of its own before `host:port`. */
  static async before(address: string): Promise<Proxy> {
    const proxy = new Proxy(address);
    await proxy.open();
    await proxy.shut();
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${this.#own}`;
  }

  async open(): Promise<void> {
    const server = createServer((incoming) => {
      const outgoing = connect(this.#port, this.#host);
      for (const socket of [incoming, outgoing]) {
        this.#sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => this.#sockets.delete(socket));
      }
      incoming.on('close', () => outgoing.destroy());
      outgoing.on('close', () => incoming.destroy());
      incoming.pipe(outgoing).pipe(incoming);
    });
    await new Promise<void>((resolve) => server.listen(this.#own, '127.0.0.1', resolve));
    this.#own = (server.address() as AddressInfo).port;
    this.#server = server;
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
