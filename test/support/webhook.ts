import fastify from 'fastify';

export interface Webhook extends AsyncDisposable {
  url: string;
  /** What it was sent so far. */
  readonly bodies: readonly unknown[];
}

/** An HTTP server that answers every request alike. */
export async function openWebhook(status = 200): Promise<Webhook> {
  const bodies: unknown[] = [];
  const server = fastify({ forceCloseConnections: true });
  server.post('/*', (request, reply) => {
    bodies.push(request.body);
    return reply.code(status).header('location', '/elsewhere').send('told');
  });
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  return { url: `${address}/secret-path`, bodies, [Symbol.asyncDispose]: () => server.close() };
}
