import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { searchAttributes } from '../../temporal/names.ts';
import type { Part, PartContext, Server } from '../part.ts';
import { temporalDownload, temporalFetched, temporalOnPath } from './temporal-binary.ts';
import type { TemporalBinary } from './temporal-binary.ts';

/** What one machine running everything needs beyond the server's own defaults. */
const dynamicConfiguration: Readonly<Record<string, string>> = {
  'system.enableEagerWorkflowStart': 'true',
  'frontend.rps': '20000',
  'frontend.namespaceRPS': '20000',
  'frontend.namespaceRPS.visibility': '500',
  'frontend.namespaceCount': '5000',
  'history.rps': '20000',
  'matching.rps': '20000',
  'history.persistenceMaxQPS': '50000',
  'matching.persistenceMaxQPS': '50000',
  'frontend.persistenceMaxQPS': '50000',
};

/** Its own choices about durability are for tests; these keep a second of work at most at risk. */
const pragmas = ['journal_mode=WAL', 'synchronous=OFF'];

async function probe(address: string): Promise<void> {
  // Half a second to load, which commands that start nothing do not need.
  const { Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    const namespace = 'default';
    await connection.workflowService.describeNamespace({ namespace });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = searchAttributes.filter((name) => !(name in customAttributes));
    if (missing.length > 0) throw new Error(`search attributes not there yet: ${missing.join(', ')}`);
  } finally {
    await connection.close();
  }
}

/** Where `tandem start` and the demo decode for the Web UI, when payloads are encrypted. */
function codecEndpoint(environment: NodeJS.ProcessEnv): string[] {
  const { PAYLOAD_KEYS, PAYLOAD_KEYS_FILE, CODEC_PORT, HTTP_TLS_CERT_FILE } = environment;
  if (!PAYLOAD_KEYS && !PAYLOAD_KEYS_FILE) return [];
  return [`--ui-codec-endpoint=${HTTP_TLS_CERT_FILE ? 'https' : 'http'}://127.0.0.1:${CODEC_PORT || 8084}`];
}

function server(context: PartContext, { file, version }: TemporalBinary): Server {
  const folder = context.folders.data('temporal');
  const port = context.port('TEMPORAL');
  const args = [
    'server',
    'start-dev',
    '--log-level=warn',
    '--ip=127.0.0.1',
    `--port=${port}`,
    `--ui-port=${context.port('TEMPORAL_UI')}`,
    `--db-filename=${join(folder, 'temporal.db')}`,
    ...codecEndpoint(context.environment),
    ...pragmas.map((pragma) => `--sqlite-pragma=${pragma}`),
    ...searchAttributes.map((name) => `--search-attribute=${name}=Keyword`),
    ...Object.entries(dynamicConfiguration).map(([key, value]) => `--dynamic-config-value=${key}=${value}`),
  ];
  return {
    version,
    command: {
      file,
      args,
      cwd: folder,
      stopSignal: 'SIGTERM',
    },
    prepare: async () => void (await mkdir(folder, { recursive: true })),
    probe: () => probe(`127.0.0.1:${port}`),
  };
}

/** Temporal's development server with its Web UI; workflows outlive a restart. */
export const temporal: Part = {
  name: 'temporal',
  title: 'Temporal',
  after: [],
  ports: [
    { name: 'TEMPORAL', base: 17_233 },
    { name: 'TEMPORAL_UI', base: 17_280 },
  ],
  diskBytes: 200_000_000,
  memoryBytes: 400_000_000,
  addresses: ({ port }) => [
    {
      required: { TEMPORAL_ADDRESS: `127.0.0.1:${port('TEMPORAL')}` },
      optional: { TEMPORAL_UI_URL: `http://127.0.0.1:${port('TEMPORAL_UI')}` },
    },
  ],
  async plan(context) {
    const onPath = await temporalOnPath(context.environment);
    const binary = onPath ?? temporalFetched(context.folders.downloads);
    return {
      source: onPath ? 'path' : 'download',
      downloads: onPath ? [] : [temporalDownload],
      server: () => Promise.resolve(server(context, binary)),
    };
  },
};
