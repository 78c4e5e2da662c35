import { publishes } from '../../src/process/event-bus.ts';
import { Environment } from '../../src/process/config/environment.ts';
import { resolveSides, sidePrefix, variablesOf } from '../../src/process/config/sides.ts';
import { loadSettings } from '../../src/process/config/settings.ts';
import type { Variable } from '../../src/process/config/variable.ts';
import { variables } from '../../src/process/config/variables.ts';
import type { CompiledPipeline } from '../../src/pipeline/route.ts';

export type Variables = Readonly<Record<string, string>>;

const namesOf = ({ name, alias }: Variable): string[] => (alias === undefined ? [name] : [name, alias]);

const readBy = (pipeline: CompiledPipeline): Variable[] => [
  ...Object.values(variables),
  ...[...pipeline.sides.values()].flatMap((side) => Object.values<Variable>(variablesOf(side))),
];

/** Of these variables, those that Tandem does not read for the pipeline; a connector's own `<SIDE>_CDC_…` are read. */
export function unreadBy(pipeline: CompiledPipeline, given: Variables): string[] {
  const read = new Set(readBy(pipeline).flatMap(namesOf));
  const cdc = [...pipeline.sides.keys()].map((side) => `${sidePrefix(side)}_CDC_`);
  return Object.keys(given).filter((name) => !read.has(name) && !cdc.some((part) => name.startsWith(part)));
}

/** Of these variables, those that hold a secret: a URL does only where it has a login. */
export const secretsIn = (pipeline: CompiledPipeline, given: Variables): string[] => {
  const secret = new Set(readBy(pipeline).flatMap((each) => (each.secret ? namesOf(each) : [])));
  return Object.entries(given).flatMap(([name, value]) =>
    secret.has(name) && !(URL.canParse(value) && new URL(value).password === '') ? [name] : [],
  );
};

/** A secret's value, as its variable wants one. */
export function anySecret(pipeline: CompiledPipeline, name: string): string {
  if (name === 'REDIS_URL') return 'redis://redis:6379';
  const side = [...pipeline.sides.values()].find((side) =>
    [variablesOf(side).url, variablesOf(side).adminUrl].some((each) => namesOf(each).includes(name)),
  );
  return side === undefined
    ? 'a-secret-of-16-characters'
    : `${side.engine}://secret:secret@${side.name}-db/${side.database}`;
}

/** What a process with these variables alone works with; throws where one is wrong or missing. */
export function settingsOf(pipeline: CompiledPipeline, given: Variables) {
  const environment = new Environment(given);
  return {
    environment,
    settings: loadSettings(environment),
    sides: resolveSides(pipeline, environment),
  };
}

const standardPorts: Readonly<Record<string, string>> = { mysql: '3306', postgres: '5432', redis: '6379' };

function addressOf(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  return `${hostname}:${port || standardPorts[protocol.replace(':', '')]}`;
}

/** The servers a pipeline works with, as host:port: those that carry its changes, and the rest. */
export function serversOf(pipeline: CompiledPipeline, given: Variables) {
  const { settings, sides } = settingsOf(pipeline, given);
  const urls = [...sides.values()].map(({ databaseUrl }) => databaseUrl);
  if (pipeline.cache || publishes(pipeline)) urls.push(settings.redisUrl);
  return {
    carriers: [...settings.brokers, addressOf(settings.connectUrl)],
    others: [settings.temporalAddress, ...urls.map(addressOf)],
  };
}
