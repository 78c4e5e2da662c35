import { Command } from 'commander';
import { linkRows } from '../apply/link-rows.ts';
import { ConfigError } from '../errors/config-error.ts';
import type { CompiledPipeline, Route } from '../pipeline/route.ts';
import { loadEnvironment } from '../process/config/environment.ts';
import { loadSettings } from '../process/config/settings.ts';
import { resolveSides } from '../process/config/sides.ts';
import { closeDatabases, openDatabases } from '../process/databases.ts';
import { loadPipeline } from '../process/pipelines.ts';
import { examples } from './examples.ts';
import { print } from './print.ts';

/** `tandem link`: makes two rows one, after both sides gave one unique value away. */
export function linkCommand(): Command {
  return new Command('link')
    .description('Make a row of one side and a row of the other one pair')
    .argument('<pipeline>', 'name or module of the pipeline')
    .argument('<entity>', 'of both rows')
    .argument('<side:key>', 'a row of one side')
    .argument('<side:key>', 'the row of the other side that it is')
    .addHelpText('after', examples('link blog users legacy:42 revamp:17'))
    .option('--json', 'print JSON')
    .action(
      async (name: string, entity: string, one: string, other: string, { json }: { json?: boolean }) => {
        const pipeline = await loadPipeline(name);
        const route = routeOf(pipeline, entity);
        const linked = await link(pipeline, route, rowKeys(route, [one, other]));
        const did = linked ? 'are one row from now on' : 'were one row before';
        print(
          json,
          { pipeline: pipeline.name, entity, rows: [one, other], linked },
          () =>
            `the rows of ${entity} ${did}: the newer version stands once the dead letters of both are retried\n` +
            `  tandem dlq retry --pipeline ${pipeline.name} --entity ${entity} --class constraint`,
        );
      },
    );
}

/** From the entity's first side to its second. */
function routeOf({ name, routes }: CompiledPipeline, entity: string): Route {
  const route = routes.find((each) => each.entity === entity && each.source.side === each.fixedSide);
  if (!route) throw new ConfigError([`pipeline ${name} has no entity ${entity}`]);
  return route;
}

/** Keys by side: one of each. */
function rowKeys({ source, target }: Route, rows: readonly string[]): ReadonlyMap<string, string> {
  const keys = new Map(
    rows.map((row) => {
      const [, side = '', key = ''] = /^([^:]*):(.+)$/s.exec(row) ?? [];
      return [side, key] as const;
    }),
  );
  if (!keys.has(source.side) || !keys.has(target.side) || keys.size !== 2)
    throw new ConfigError([`name one row of each side: ${source.side}:KEY ${target.side}:KEY`]);
  return keys;
}

async function link(
  pipeline: CompiledPipeline,
  route: Route,
  keys: ReadonlyMap<string, string>,
): Promise<boolean> {
  const environment = loadEnvironment();
  const databases = openDatabases(resolveSides(pipeline, environment), {
    ...loadSettings(environment),
    poolSize: 1,
  });
  try {
    return await linkRows({ route, back: pipeline.route(route.entity, route.target.side), databases, keys });
  } finally {
    await closeDatabases(databases);
  }
}
