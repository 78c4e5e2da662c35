// A service that takes what the shop changes, as an example: Dapr brings it the messages of subscription-migration.yaml.
// Messages come at least once and, after a failure, not in order; so a row is only ever replaced by a newer version of it.
//   DATABASE_URL=postgres://… PORT=3000 node deploy/dapr/subscriber.mjs
import Fastify from 'fastify';
import { Pool } from 'pg';

const pool = new Pool({ connectionString: process.env.DATABASE_URL });
await pool.query(`CREATE TABLE IF NOT EXISTS migrated (
  entity     TEXT NOT NULL,
  id         UUID NOT NULL,
  magento_id BIGINT NOT NULL,
  version    BIGINT NOT NULL,
  data       JSONB,
  deleted    BOOLEAN NOT NULL,
  PRIMARY KEY (entity, id)
)`);

/** Once or twice, in order or not: the row ends as its newest version. */
async function take({ entity, id, magento_id: magentoId, version, operation, data }) {
  await pool.query(
    `INSERT INTO migrated AS known (entity, id, magento_id, version, data, deleted) VALUES ($1, $2, $3, $4, $5, $6)
      ON CONFLICT (entity, id) DO UPDATE SET version = excluded.version, data = excluded.data, deleted = excluded.deleted
      WHERE known.version <= excluded.version`,
    [entity, id, magentoId, version, data, operation === 'DELETE'],
  );
}

const app = Fastify();
app.addContentTypeParser('application/cloudevents+json', { parseAs: 'string' }, (_request, body, done) =>
  done(null, JSON.parse(body)),
);
for (const topic of ['customer', 'product', 'order', 'stock'])
  app.post(`/migration/${topic}`, async ({ body }) => {
    await take(body.data);
    return { status: 'SUCCESS' };
  });

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3000) });
const close = async () => {
  await app.close();
  await pool.end();
};
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void close());
