import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { queueUrlVariable } from '../databases.ts';
import type { AddressGroup, Part, PartContext, Server } from '../part.ts';
import { elasticmqClassPath, elasticmqDownload, elasticmqVersion } from './elasticmq-libraries.ts';
import { findJava, javaServer } from './java.ts';

const endpoint = (port: number) => `http://127.0.0.1:${port}`;
const queueName = (side: string) => `tandem-${side}`;
const account = '000000000000';

/** A message that was received so often and never deleted goes to the dead-letter queue. */
const maxReceiveCount = 20;

const queuesOf = (side: string) => {
  const dead = `${queueName(side)}-dlq`;
  return [
    [
      queueName(side),
      { defaultVisibilityTimeout: '30 seconds', deadLettersQueue: { name: dead, maxReceiveCount } },
    ],
    [dead, {}],
  ] as const;
};

/** What it has taken is on disk: a message that was acknowledged outlives the server. */
function settings(context: PartContext, data: string): string {
  const port = context.port('SQS');
  const entries = {
    'node-address': { protocol: 'http', host: '127.0.0.1', port },
    'rest-sqs': { 'bind-hostname': '127.0.0.1', 'bind-port': port },
    // Queues made through the API are kept there too. H2 would write what it has committed half a second later.
    'messages-storage': { enabled: true, uri: `jdbc:h2:${join(data, 'messages')};WRITE_DELAY=0` },
    aws: { region: 'us-east-1', accountId: account },
    queues: Object.fromEntries(context.servers.queues.flatMap(queuesOf)),
  };
  // Values are JSON, which HOCON takes as it is. The server's own file has the limits for long polls.
  const lines = Object.entries(entries).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  return `${['include classpath("application.conf")', ...lines].join('\n')}\n`;
}

async function probe(context: PartContext): Promise<void> {
  const url = `${endpoint(context.port('SQS'))}/?Action=ListQueues`;
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`ElasticMQ answered ${response.status}`);
  const listed = await response.text();
  const missing = context.servers.queues.filter((side) => !listed.includes(`/${queueName(side)}<`));
  if (missing.length > 0) throw new Error(`ElasticMQ has no queue for ${missing.join(', ')} yet`);
}

function server(context: PartContext, java: string): Server {
  const folder = context.folders.data('elasticmq');
  const data = join(folder, 'files');
  const configuration = join(context.folders.config('elasticmq'), 'elasticmq.conf');
  const classPath = elasticmqClassPath(context.folders.downloads);
  return {
    version: elasticmqVersion,
    command: {
      file: java,
      args: [`-Dconfig.file=${configuration}`, ...javaServer('256m', classPath, 'org.elasticmq.server.Main')],
      cwd: folder,
      files: { [configuration]: settings(context, data) },
      stopSignal: 'SIGTERM',
    },
    prepare: async () => void (await mkdir(data, { recursive: true })),
    probe: () => probe(context),
  };
}

/** One group for each queue, since those of SQS itself need no endpoint; ElasticMQ takes any key. */
const addressesOf = (side: string, port: number): AddressGroup => ({
  required: { [queueUrlVariable(side)]: `${endpoint(port)}/${account}/${queueName(side)}` },
  optional: { SQS_ENDPOINT: endpoint(port), AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' },
});

/** ElasticMQ, which speaks as SQS does, where the changes of a side come in a queue. */
export const elasticmq: Part = {
  name: 'elasticmq',
  title: 'ElasticMQ',
  after: [],
  ports: [{ name: 'SQS', base: 19_324 }],
  diskBytes: 100_000_000,
  memoryBytes: 350_000_000,
  addresses: ({ servers, port }) => servers.queues.map((side) => addressesOf(side, port('SQS'))),
  async plan(context) {
    const java = await findJava(context.folders.downloads, context.environment);
    return {
      source: 'download',
      downloads: [...java.downloads, elasticmqDownload],
      server: () => Promise.resolve(server(context, java.file)),
    };
  },
};
