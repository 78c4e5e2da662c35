import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot, packageVersion } from '../src/package-root.ts';
import { released } from './changelog.ts';

/**
 * `npm run release -- patch|minor|major|X.Y.Z`: checks, rolls from the last release to this build and back, then writes
 * version, changelog and histories, commits, tags and packs. It publishes and pushes nothing. What stops it before the commit
 * leaves changes that `git stash --include-untracked` takes away.
 */
const [step] = process.argv.slice(2);
if (!step || !/^(patch|minor|major|\d+\.\d+\.\d+)$/.test(step))
  throw new Error('say what it is: npm run release -- patch|minor|major|X.Y.Z');

const run = (command: string, ...words: string[]) =>
  execa(command, words, { cwd: packageRoot, stdio: 'inherit' });
const git = async (...words: string[]) => (await execa('git', words, { cwd: packageRoot })).stdout;

if ((await git('status', '--porcelain')) !== '') throw new Error('commit what is changed first');
const changelog = join(packageRoot, 'CHANGELOG.md');
const day = new Date().toISOString().slice(0, 10);
released(readFileSync(changelog, 'utf8'), step, day);

for (const script of ['check', 'test:unit', 'test:upgrade']) await run('npm', 'run', script);

await run('npm', 'version', step, '--no-git-tag-version', '--allow-same-version');
const version = packageVersion();
writeFileSync(changelog, released(readFileSync(changelog, 'utf8'), version, day));
await run('npm', 'run', 'histories');

await git('add', '--all');
await git('commit', '--message', `Release ${version}`);
await git('tag', '--annotate', `v${version}`, '--message', `Release ${version}`);

rmSync(join(packageRoot, 'dist'), { recursive: true, force: true });
await run('npm', 'run', 'bundle');
await run('npm', 'pack');
process.stdout.write(`\ntandem-sync-${version}.tgz is the release. To share it: git push --follow-tags\n`);
