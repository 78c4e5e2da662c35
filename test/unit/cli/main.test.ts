import { beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { commands } from '../../../src/cli/commands.ts';
import { namedCommand } from '../../../src/cli/program.ts';
import { buildCli, node, tandem } from '../../support/built-cli.ts';

beforeAll(buildCli);

/** Presses Tab at the end of lines, and prints what they may become. */
const asking = `
ask() {
  COMP_WORDS=(tandem "$@") COMP_CWORD=$# COMPREPLY=()
  _tandem
  echo "\${COMPREPLY[*]}"
}
ask dl
ask dlq retry --class = d
ask dlq edit EVENT_ID --file ''`;

test('with nothing to do it shows the help, which lists every command', async () => {
  const { code, stdout } = await tandem([]);
  expect(code).toBe(0);
  for (const name of Object.keys(commands)) expect(stdout).toMatch(new RegExp(`^ +${name} `, 'm'));
  expect(stdout).toContain('tandem doctor');
});

test('the version is that of the package', async () => {
  expect(await tandem(['--version'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+$/),
  });
});

test('a mistyped command is suggested, with code 2', async () => {
  const { code, stderr } = await tandem(['doctr']);
  expect(code).toBe(2);
  expect(stderr).toContain("unknown command 'doctr'");
  expect(stderr).toContain('Did you mean doctor?');
});

test('an unknown option of a command is a usage error', async () => {
  const { code, stderr } = await tandem(['doctor', '--jsn']);
  expect(code).toBe(2);
  expect(stderr).toContain("unknown option '--jsn'");
});

test('every command loads under plain Node, by its own name', async () => {
  const { stdout, stderr } = await node(`
    const { commands } = await import(built('cli/commands.js'));
    for (const [name, { load }] of Object.entries(commands))
      await load().then((command) => console.log(command.name()), (error) => console.error(name, error.message));
  `);
  expect(stderr).toBe('');
  expect(stdout.split('\n')).toEqual(Object.keys(commands));
});

test('bash completes with what the command prints for it', async () => {
  const { stdout: script } = await tandem(['completion', 'bash']);
  const { stdout } = await execa('bash', ['--norc', '-c', `${script}\n${asking}`], {
    env: { PATH: process.env['PATH'] },
    extendEnv: false,
  });
  expect(stdout.split('\n')).toEqual(['dlq', 'data', '']);
});

test('wrong settings are one line each, without a stack, with code 2', async () => {
  const { code, stderr } = await tandem(['doctor'], {
    METRICS_PORT: 'eighty',
    KAFKA_BROKERS: 'a:1',
    KAFKA_BOOTSTRAP_SERVERS: 'b:2',
  });
  expect({ code, lines: new Set(stderr.split('\n')) }).toEqual({
    code: 2,
    lines: new Set([
      'KAFKA_BROKERS: differs from KAFKA_BOOTSTRAP_SERVERS, which is the same setting; keep one of them',
      'METRICS_PORT: must be a whole number',
    ]),
  });
});

test('an unknown pipeline names the variable and the ones there are', async () => {
  const { code, stderr } = await tandem(['doctor'], { TANDEM_PIPELINES: 'nobody' });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^TANDEM_PIPELINES: there is no pipeline "nobody"; there are /);
});

test.each([
  [['doctor'], 'doctor'],
  [['--json', 'doctor'], 'doctor'],
  [['help', 'doctor'], 'doctor'],
  [['help'], undefined],
  [['toString'], undefined],
  [[], undefined],
] as const)('%j names %s', (words, name) => {
  expect(namedCommand(words)).toBe(name);
});
