import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { check } from 'prettier';
import { propose } from '../../../src/init/propose.ts';
import { renderPipeline } from '../../../src/init/render-pipeline.ts';
import { packageRoot } from '../../../src/package-root.ts';
import { loadPipelineText } from '../../../src/process/pipelines.ts';
import { mysqlShop, postgresShop } from '../../support/film-shops.ts';

const proposal = propose('shops', [mysqlShop, postgresShop]);
const text = renderPipeline(proposal, { triggers: true });

test('the file is formatted as a person would have it', async () => {
  expect(await check(text, { parser: 'typescript', singleQuote: true, printWidth: 110 })).toBe(true);
});

test('what is not sure says so beside it, and what is missing is a TODO', () => {
  expect(text).toMatch(
    /\/\/ 0\.\d\d: .*labels that differ in spelling alone\n {8}rating: \['rating', filmRating\]/,
  );
  expect(text).toMatch(/\/\/ 0\.50: .*other labels: a codec has to say which is which\n {8}kind: 'kind'/);
  expect(text).toMatch(/\/\/ TODO new_shop: films.fulltext: .*it must have a value/);
  expect(text).toMatch(/\/\/ In no entity:\n(.*\n)*\/\/ - old_shop: film_text/);
});

test('it compiles to the entities that were proposed', async () => {
  const pipeline = await loadPipelineText(text);
  expect(pipeline.entities).toEqual(['language', 'film', 'actor', 'film_actor']);
  const film = pipeline.route('film', 'old_shop')!;
  expect(film.target).toMatchObject({ name: 'films', key: ['id'], clock: 'sync_clock' });
  expect(film.columns.map(({ from, to }) => `${from.name}:${from.kind} ${to.name}:${to.kind}`)).toEqual([
    'title:text title:text',
    'description:text description:text',
    'release_year:integer release_year:integer',
    'language_id:integer language_id:integer',
    'rating:text rating:text',
    'kind:text kind:text',
    'premiere:timestamptz premiere:timestamptz',
    'shown_at:timestamptz shown_at:timestamp',
  ]);
  expect(pipeline.route('language', 'new_shop')!.matchOn).toEqual(['name']);
  expect(pipeline.route('film_actor', 'old_shop')).toMatchObject({ keyStrategy: 'mapped' });
});

test('without triggers the first side wins, and tables have no columns of Tandem', async () => {
  const pipeline = await loadPipelineText(renderPipeline(proposal, { triggers: false }));
  expect(pipeline.route('film', 'old_shop')).toMatchObject({
    policy: 'side:old_shop',
    source: { clock: null, sourceColumn: null },
  });
});

describe('the TypeScript compiler', () => {
  const folder = mkdtempSync(join(packageRoot, 'node_modules', '.init-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('takes the file', () => {
    writeFileSync(join(folder, 'pipeline.ts'), text);
    const options = {
      extends: join(packageRoot, 'tsconfig.json'),
      compilerOptions: { paths: { 'tandem-sync': [join(packageRoot, 'src', 'index.ts')] } },
      include: ['pipeline.ts'],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options));
    const compiler = createRequire(import.meta.url).resolve('typescript/package.json');
    const { bin } = JSON.parse(readFileSync(compiler, 'utf8')) as { bin: { tsc: string } };
    const run = spawnSync(process.execPath, [join(compiler, '..', bin.tsc), '-p', folder], {
      encoding: 'utf8',
    });
    expect(run.stdout).toBe('');
  });
});
