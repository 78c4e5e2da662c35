import { encryptionModes, encryptionProblems, withEncryption } from '../../database/encryption.ts';
import type { Encryption } from '../../database/encryption.ts';
import type { CompiledPipeline, CompiledSide } from '../../pipeline/route.ts';
import { feeds } from '../../pipeline/define.ts';
import type { Engine, Feed, SideVariable } from '../../pipeline/define.ts';
import { loadEnvironment } from './environment.ts';
import type { Environment } from './environment.ts';
import { readVariable, refuse } from './read-variable.ts';
import { text } from './variable.ts';
import type { Variable } from './variable.ts';

export interface SideSettings {
  name: string;
  engine: Engine;
  /** Of the role Tandem works as. Holds a password: never log it. */
  databaseUrl: string;
  /** Of a role that may create tables and triggers; null where none was given. Holds a password. */
  adminUrl: string | null;
  /** See `CompiledSide.isTarget`. */
  isTarget: boolean;
  /** Topics to read; null: one per table, the default names. */
  topics: readonly string[] | null;
  groupId: string;
  feed: Feed;
  /** Null unless its feed is sqs. */
  queueUrl: string | null;
}

const schemes: Record<Engine, readonly string[]> = { postgres: ['postgres', 'postgresql'], mysql: ['mysql'] };
const ports: Record<Engine, string> = { postgres: '5432', mysql: '3306' };

/** A side's name as it stands in variable names. */
export const sidePrefix = (side: string): string => side.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');

/** The variables of one side; `prefix` is its name in upper case, `urlName` the one its pipeline names. */
export function sideVariables(
  prefix: string,
  engine: Engine,
  urlName = `${prefix}_DATABASE_URL`,
  aliases: CompiledSide['aliases'] = {},
) {
  const part = `DB_${prefix}_`;
  const also = (what: SideVariable) => (aliases[what] === undefined ? {} : { alias: aliases[what] });
  return {
    url: {
      name: urlName,
      ...also('url'),
      schema: text.url(schemes[engine]),
      secret: true,
      description: `Database of the side as the role Tandem works as. Wins over \`${part}…\`.`,
    },
    host: {
      name: `${part}HOST`,
      ...also('host'),
      schema: text.any,
      description: 'Its host, where no URL is set.',
    },
    port: {
      name: `${part}PORT`,
      ...also('port'),
      schema: text.wholeNumber(1, 65_535),
      description: 'Its port; unset: the standard port of the engine.',
    },
    database: {
      name: `${part}DATABASE`,
      ...also('database'),
      schema: text.any,
      description: 'Its database name.',
    },
    username: {
      name: `${part}USERNAME`,
      ...also('username'),
      schema: text.any,
      description: 'Its user.',
    },
    password: {
      name: `${part}PASSWORD`,
      ...also('password'),
      schema: text.any,
      secret: true,
      description: "Its user's password.",
    },
    sslMode: {
      name: `${prefix}_SSLMODE`,
      schema: text.oneOf(...encryptionModes),
      description:
        'TLS to it where its URLs say nothing of TLS. disable: none, the default without a certificate file; require: nobody verifies the server; verify-ca: an authority must have signed its certificate; verify-full: and for its host name, the default with one.',
    },
    sslAuthority: {
      name: `${prefix}_SSLROOTCERT`,
      schema: text.file,
      description: "PEM file of the authority of its server's certificate, where it is not a public one.",
    },
    sslCertificate: {
      name: `${prefix}_SSLCERT`,
      schema: text.file,
      description: 'PEM file of the client certificate, where it asks for one.',
    },
    sslKey: {
      name: `${prefix}_SSLKEY`,
      schema: text.file,
      description: 'PEM file of the key of that certificate.',
    },
    adminUrl: {
      name: `${prefix}_ADMIN_URL`,
      schema: text.url(schemes[engine]),
      secret: true,
      description: 'The same database as a role that may create tables and triggers: for `tandem migrate`.',
    },
    topics: {
      name: `${prefix}_TOPICS`,
      schema: text.list,
      description: 'Topics to read instead of one per table, separated by commas.',
    },
    feed: {
      name: `${prefix}_FEED`,
      ...also('feed'),
      schema: text.oneOf(...feeds),
      default: 'kafka',
      description:
        "How its changes come. kafka: Debezium's records in Kafka. sqs: change records of AWS DMS in an SQS queue.",
    },
    queueUrl: {
      name: `${prefix}_QUEUE_URL`,
      ...also('queueUrl'),
      schema: text.httpUrl,
      description: 'The queue to read with feed sqs.',
    },
    groupId: {
      name: `${prefix}_GROUP_ID`,
      schema: text.any,
      description: "Kafka consumer group instead of the pipeline's.",
    },
  } as const satisfies Record<string, Variable>;
}

const namesOf = ({ name, alias }: { name: string; alias?: string }): string[] =>
  alias === undefined ? [name] : [name, alias];

type SideTable = ReturnType<typeof sideVariables>;

function databaseUrl(side: CompiledSide, table: SideTable, environment: Environment, problems: string[]) {
  const own = typeof side.url === 'string' ? side.url : undefined;
  const url = own === undefined ? table.url : ({ ...table.url, default: own } as const);
  const pieces = [table.host, table.port, table.database, table.username, table.password];
  // The strongest layer that knows the side decides: a leftover URL must not win over parts set just now.
  const set = environment.strongest([url, ...pieces].flatMap(namesOf));
  if (namesOf(url).some((name) => set.has(name)) || (set.size === 0 && own !== undefined))
    return readVariable(url, environment, problems);
  if (set.size === 0) {
    problems.push(
      `${namesOf(url).join(' or ')}: must be set to the database of side "${side.name}"; 'tandem stack up' gives an embedded one`,
    );
    return undefined;
  }
  const [host, port, database, username, password] = pieces.map((piece) =>
    readVariable(piece, environment, problems),
  );
  const missing = [
    [table.host.name, host],
    [table.database.name, database],
    [table.username.name, username],
  ].filter(([, value]) => value === null);
  for (const [name] of missing) problems.push(`${name}: must be set, as ${[...set.keys()][0]} is`);
  if (missing.length > 0 || [host, port, database, username, password].includes(undefined)) return undefined;
  const login = [username, password]
    .filter((value) => value !== null)
    .map((value) => encodeURIComponent(value ?? ''));
  const address = String(host).includes(':') ? `[${host}]` : host;
  return `${schemes[side.engine][0]}://${login.join(':')}@${address}:${port ?? ports[side.engine]}/${encodeURIComponent(String(database))}`;
}

/** What a side's own variables say of TLS. */
function encryptionSettings(
  { sslMode, sslAuthority, sslCertificate, sslKey }: SideTable,
  environment: Environment,
  problems: string[],
): Partial<Encryption> {
  const mode = readVariable(sslMode, environment, problems) ?? undefined;
  const [authority = null, certificate = null, key = null] = [sslAuthority, sslCertificate, sslKey].map(
    (variable) => readVariable(variable, environment, problems),
  );
  return { ...(mode && { mode }), authority, certificate, key };
}

/** A side's URL with what its own variables say of TLS, where it says nothing itself; throws `ConfigError`. */
export function withSideEncryption(side: string, url: string, environment: Environment): string {
  const problems: string[] = [];
  const engine = new URL(url).protocol === 'mysql:' ? 'mysql' : 'postgres';
  const table = sideVariables(sidePrefix(side), engine);
  const whole = withEncryption(engine, url, encryptionSettings(table, environment, problems));
  refuse(problems);
  return whole;
}

export const variablesOf = (side: CompiledSide): SideTable => {
  const urlName = typeof side.url === 'string' ? undefined : side.url?.env;
  return sideVariables(sidePrefix(side.name), side.engine, urlName, side.aliases);
};

/** The sides that changes are captured on and that are read from a queue; throws `ConfigError` for a wrong variable. */
export function queueSides(
  { sides }: CompiledPipeline,
  environment: Environment = loadEnvironment(),
): string[] {
  const problems: string[] = [];
  const queued = [...sides.values()].filter(
    (side) => side.tables.length > 0 && readVariable(variablesOf(side).feed, environment, problems) === 'sqs',
  );
  refuse(problems);
  return queued.map(({ name }) => name);
}

/** Resolves every side of a pipeline; throws `ConfigError` with every problem found. */
export function resolveSides(
  pipeline: CompiledPipeline,
  environment: Environment = loadEnvironment(),
): ReadonlyMap<string, SideSettings> {
  const problems: string[] = [];
  const sides = [...pipeline.sides.values()].map((side): [string, SideSettings] => {
    const table = variablesOf(side);
    const feed = readVariable(table.feed, environment, problems) ?? 'kafka';
    const queueUrl = readVariable(table.queueUrl, environment, problems) ?? null;
    if (feed === 'sqs' && queueUrl === null)
      problems.push(`${namesOf(table.queueUrl).join(' or ')}: must be set with ${table.feed.name}=sqs`);
    const settings = encryptionSettings(table, environment, problems);
    const encrypted = (name: string, url: string | null | undefined) => {
      if (!url) return null;
      const whole = withEncryption(side.engine, url, settings);
      problems.push(...encryptionProblems(side.engine, whole).map((problem) => `${name}: ${problem}`));
      return whole;
    };
    return [
      side.name,
      {
        name: side.name,
        engine: side.engine,
        isTarget: side.isTarget,
        databaseUrl: encrypted(table.url.name, databaseUrl(side, table, environment, problems)) ?? '',
        adminUrl: encrypted(table.adminUrl.name, readVariable(table.adminUrl, environment, problems)),
        topics: readVariable(table.topics, environment, problems) ?? side.topics,
        groupId: readVariable(table.groupId, environment, problems) ?? side.groupId,
        feed,
        queueUrl: feed === 'sqs' ? queueUrl : null,
      },
    ];
  });
  refuse(problems);
  return new Map(sides);
}
