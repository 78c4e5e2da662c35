import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from '@jest/globals';
import { errorClasses } from '../../../src/errors/error-class.ts';
import { policyFor } from '../../../src/errors/policy.ts';
import { troubleKinds } from '../../../src/observability/troubles.ts';
import { packageRoot } from '../../../src/package-root.ts';
import { conflictHint } from '../../../src/temporal/start-conflict.ts';
import { anchorsOf } from '../../support/anchors.ts';
import { commandsIn, wrongIn } from '../../support/named-commands.ts';

const page = (name: string) => readFileSync(join(packageRoot, name), 'utf8');
const runbook = page('docs/runbook.md');
const section = (title: string) =>
  runbook.split(/^##+ /m).find((part) => part.startsWith(`\`${title}\`\n`)) ?? '';

test.each(errorClasses)('the runbook says what %s means, what to look at and what to do', (errorClass) => {
  const leads = [...section(errorClass).matchAll(/^\*\*([^*]+?)\.?\*\*/gm)].map(([, lead]) => lead);
  expect(leads).toEqual(['Means', 'Tandem', 'Look first', 'Do']);
});

test.each(errorClasses)(
  'the runbook agrees with the policy of %s on whether a dead letter follows',
  (errorClass) => {
    const { retries, deadlineMs } = policyFor(errorClass);
    const never = retries === null && deadlineMs === null;
    expect(section(errorClass).includes('no dead letter')).toBe(never);
  },
);

test.each(errorClasses)('the hint of %s names its section', (errorClass) => {
  expect(policyFor(errorClass).hint).toMatch(new RegExp(` docs/runbook\\.md#${errorClass}$`));
  expect(anchorsOf('docs/runbook.md')).toContain(errorClass);
});

test('the hint of a manual conflict names its section', () => {
  const [, anchor] = / docs\/runbook\.md#(\S+)$/.exec(conflictHint) ?? [];
  expect(anchorsOf('docs/runbook.md')).toContain(anchor);
});

test.each(troubleKinds)('the runbook says what %s means and what to do', (kind) => {
  expect(section(kind)).toMatch(/^\*\*Means\.\*\*.*^\*\*Do\.\*\*/ms);
});

const pages = [
  'README.md',
  'docs/runbook.md',
  'docs/troubleshooting.md',
  'docs/exercise.md',
  'docs/logs.md',
  'docs/command-line.md',
  'docs/deploy.md',
];

test.each(pages)('every command that %s names exists', async (name) => {
  const wrong = [];
  for (const line of commandsIn(page(name))) wrong.push([line, await wrongIn(line)]);
  expect(wrong.filter(([, problem]) => problem !== null)).toEqual([]);
});

test.each(pages)('every place that %s links to exists', (name) => {
  for (const [link, path, anchor] of page(name).matchAll(/\]\(([^)#:]*)(?:#([^)]+))?\)/g)) {
    const target = path === '' ? name : normalize(join(dirname(name), path!));
    expect([
      link,
      anchor === undefined ? existsSync(join(packageRoot, target)) : anchorsOf(target).has(anchor),
    ]).toEqual([link, true]);
  }
});

test('what the command check calls wrong', async () => {
  expect(await wrongIn('explode')).toContain('explode');
  expect(await wrongIn('dlq explode')).toBe('dlq has no command explode');
  expect(await wrongIn('dlq retry --signatures x')).toBe('retry has no option --signatures');
  expect(await wrongIn('doctor --only tables,tea')).toBe('doctor has no check tea');
  expect(await wrongIn('resume blog posts')).toBe('resume takes no 2 arguments');
  expect(await wrongIn('pause blog --reason "two words"')).toBeNull();
});
