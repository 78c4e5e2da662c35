import { expect, test } from '@jest/globals';
import { ConfigError } from '../../../src/errors/config-error.ts';
import type { CompiledPipeline, CompiledSide } from '../../../src/pipeline/route.ts';
import { Environment } from '../../../src/process/config/environment.ts';
import { resolveSides } from '../../../src/process/config/sides.ts';

function pipelineOf(...sides: Partial<CompiledSide>[]): CompiledPipeline {
  const compiled = sides.map((side): [string, CompiledSide] => [
    side.name ?? 'left',
    {
      name: 'left',
      engine: 'postgres',
      url: { env: 'LEFT_DATABASE_URL' },
      aliases: {},
      database: 'left_db',
      groupId: 'group',
      topics: null,
      connector: 'c',
      healthCheck: 'database_left',
      polling: null,
      tables: [],
      isTarget: true,
      ...side,
    },
  ]);
  return {
    name: 'p',
    sides: new Map(compiled),
    entities: [],
    routes: [],
    jobs: [],
    endpoints: [],
    cache: false,
    effects: () => [],
    route: () => undefined,
    routesFrom: () => [],
  };
}

const left = (side: Partial<CompiledSide>, ...layers: Record<string, string>[]) =>
  resolveSides(pipelineOf(side), new Environment(...layers)).get('left');

function problems(side: Partial<CompiledSide>, ...layers: Record<string, string>[]): readonly string[] {
  try {
    left(side, ...layers);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const parts = { DB_LEFT_HOST: 'h', DB_LEFT_DATABASE: 'd b', DB_LEFT_USERNAME: 'u', DB_LEFT_PASSWORD: 'p@/w' };

test('the parts make a URL, with the standard port of the engine', () => {
  expect(left({}, parts)?.databaseUrl).toBe('postgres://u:p%40%2Fw@h:5432/d%20b');
  expect(left({ engine: 'mysql' }, { ...parts, DB_LEFT_PORT: '3307' })?.databaseUrl).toBe(
    'mysql://u:p%40%2Fw@h:3307/d%20b',
  );
});

test('the URL wins over the parts where both are set', () => {
  expect(left({}, { ...parts, LEFT_DATABASE_URL: 'postgres://x/y' })?.databaseUrl).toBe('postgres://x/y');
});

test('parts that were just set win over a URL left in a file', () => {
  expect(left({}, parts, { LEFT_DATABASE_URL: 'postgres://stack/y' })?.databaseUrl).toContain('@h:5432');
});

test('a URL in the pipeline file stands until the environment says otherwise', () => {
  const side = { url: 'postgres://file/d' };
  expect(left(side)?.databaseUrl).toBe('postgres://file/d');
  expect(left(side, { LEFT_DATABASE_URL: 'postgres://own/d' })?.databaseUrl).toBe('postgres://own/d');
});

test('the pipeline may name the variable itself', () => {
  const side = { url: { env: 'CLAIMS_DB' } };
  expect(left(side, { CLAIMS_DB: 'postgres://x/y' })?.databaseUrl).toBe('postgres://x/y');
  expect(problems(side)).toEqual([
    expect.stringMatching(/^CLAIMS_DB: must be set to the database of side "left"; 'tandem stack up'/),
  ]);
});

test('topics and the group come from the pipeline unless set', () => {
  expect(left({ url: 'postgres://x/y', topics: ['t'] })).toMatchObject({ topics: ['t'], groupId: 'group' });
  expect(
    left({ url: 'postgres://x/y', topics: ['t'] }, { LEFT_TOPICS: 'a, b', LEFT_GROUP_ID: 'g' }),
  ).toMatchObject({ topics: ['a', 'b'], groupId: 'g' });
});

test('the problems of all sides are told at once, without a secret in them', () => {
  const pipeline = pipelineOf(
    { name: 'left' },
    { name: 'far-right', engine: 'mysql', url: { env: 'FAR_RIGHT_DATABASE_URL' } },
  );
  const environment = new Environment({
    DB_LEFT_HOST: 'h',
    FAR_RIGHT_DATABASE_URL: 'postgres://u:hidden@x/y',
  });
  let thrown: unknown;
  try {
    resolveSides(pipeline, environment);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ConfigError);
  const { problems: found } = thrown as ConfigError;
  expect(found).toEqual([
    'DB_LEFT_DATABASE: must be set, as DB_LEFT_HOST is',
    'DB_LEFT_USERNAME: must be set, as DB_LEFT_HOST is',
    'FAR_RIGHT_DATABASE_URL: must be a URL that begins with mysql://',
  ]);
});
