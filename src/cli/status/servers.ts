import { Client, Connection } from '@temporalio/client';
import type { Kafka } from 'kafkajs';
import type { LedgerDatabase } from '../../database/engine-database.ts';
import { openDatabase } from '../../database/open.ts';
import type { CompiledPipeline } from '../../pipeline/route.ts';
import { askKafka } from '../../process/ask-kafka.ts';
import type { Environment } from '../../process/config/environment.ts';
import { loadSettings } from '../../process/config/settings.ts';
import type { Settings } from '../../process/config/settings.ts';
import { temporalConnection } from '../../process/temporal-server.ts';
import { resolveSides } from '../../process/config/sides.ts';
import type { SideSettings } from '../../process/config/sides.ts';
import { temporalServer } from '../../process/config/temporal.ts';
import { ConnectRest } from '../../process/connectors/connect-rest.ts';
import { dataConverter } from '../../temporal/data-converter.ts';

const connectMs = 2500;

/** A side of a pipeline with its database. */
export interface AskedSide {
  settings: SideSettings;
  database: LedgerDatabase;
}

/** All that is asked for a status. Each connects when first asked, and again after it was away. */
export interface Servers {
  settings: Settings;
  client: Client;
  kafka: Kafka;
  rest: ConnectRest;
  /** The sides of a pipeline, by name. */
  sides: (pipeline: CompiledPipeline) => ReadonlyMap<string, AskedSide>;
  close: () => Promise<void>;
}

/** Opens nothing by itself. Throws `ConfigError` for a setting that is wrong. */
export function openServers(pipelines: readonly CompiledPipeline[], environment: Environment): Servers {
  const settings = loadSettings(environment);
  // A call that is tried again by itself would outlive its connection.
  const temporal = temporalServer(settings);
  const connection = Connection.lazy({ ...temporalConnection(temporal), interceptors: [] });
  const sides = new Map(
    pipelines.map((pipeline) => [pipeline.name, openSides(resolveSides(pipeline, environment))]),
  );
  return {
    settings,
    client: new Client({
      connection,
      namespace: temporal.namespace,
      dataConverter: dataConverter(temporal.keys),
    }),
    kafka: askKafka(settings, 'tandem-status', connectMs),
    rest: new ConnectRest(settings.connectUrl, { patienceMs: 1000, answerMs: connectMs }),
    sides: ({ name }) => sides.get(name)!,
    async close() {
      const databases = [...sides.values()].flatMap((of) => [...of.values()].map(({ database }) => database));
      await Promise.allSettled([connection.close(), ...databases.map((database) => database.close())]);
    },
  };
}

/** They are only read: no session takes a mark from those that write. */
const openSides = (sides: ReadonlyMap<string, SideSettings>): ReadonlyMap<string, AskedSide> =>
  new Map(
    [...sides.values()].map((settings) => {
      const { name, engine, databaseUrl: url } = settings;
      return [
        name,
        { settings, database: openDatabase({ engine, side: name, url, poolSize: 2, originMarks: false }) },
      ];
    }),
  );
