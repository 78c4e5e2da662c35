import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connectPlain } from '../../src/database/plain-connection.ts';
import { packageRoot } from '../../src/package-root.ts';
import { winner } from './known.ts';
import { entities, sides, words } from './words.ts';
import type { Side } from './words.ts';

const triggers = {
  postgres: `SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass) AS statement
    FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = $1::regclass`,
  mysql: `SELECT concat('DROP TRIGGER \`', trigger_name, '\`') AS statement
    FROM information_schema.triggers WHERE trigger_schema = DATABASE() AND event_object_table = ?`,
};

/** Takes from the tables what Tandem asks of others: the triggers, the row clock and `source`. */
export async function takeClocksAway(adminUrls: Readonly<Record<Side, string>>): Promise<void> {
  for (const side of sides) {
    const { engine } = words[side];
    const connection = await connectPlain(engine, adminUrls[side]);
    try {
      for (const entity of entities) {
        const { table } = words[side][entity];
        for (const { statement } of await connection.query(triggers[engine], [table]))
          await connection.query(String(statement));
        await connection.query(`ALTER TABLE ${table} DROP COLUMN source, DROP COLUMN sync_clock`);
      }
    } finally {
      await connection.close();
    }
  }
}

/** Writes the module of `blog` without row clocks, for the built command; returns its path. */
export function writeWithoutClocks(folder: string): string {
  const path = join(folder, 'blog-without-clocks.mjs');
  const blog = pathToFileURL(join(packageRoot, 'dist', 'pipelines', 'blog', 'pipeline.js'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path,
    `import blog from '${blog.href}';
const entities = Object.entries(blog.entities).map(([name, { matchOn, ...entity }]) => [
  name,
  { ...entity, clock: null, conflicts: 'side:${winner}' },
]);
export default { ...blog, entities: Object.fromEntries(entities) };
`,
  );
  return path;
}
