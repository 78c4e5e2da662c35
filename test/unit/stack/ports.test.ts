import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { assertFree, portOf } from '../../../src/stack/ports.ts';

const use = { name: 'KAFKA', base: 19_092 };

test('a port is the base, or what the environment says, plus the offset of the stack', () => {
  expect(portOf(use, {}, 0)).toBe(19_092);
  expect(portOf(use, {}, 1000)).toBe(20_092);
  expect(portOf(use, { TANDEM_STACK_PORT_KAFKA: '30000' }, 1000)).toBe(31_000);
});

test.each(['abc', '0', '70000', '12.5'])('a port %j is refused by the name of its variable', (given) => {
  expect(() => portOf(use, { TANDEM_STACK_PORT_KAFKA: given }, 0)).toThrow(
    /TANDEM_STACK_PORT_KAFKA.*no usable port/,
  );
});

test('taken ports are named all at once, with part and variable', async () => {
  const first = createServer().listen(0, '127.0.0.1');
  const second = createServer().listen(0, '127.0.0.1');
  await Promise.all([once(first, 'listening'), once(second, 'listening')]);
  const ports = [first, second].map((server) => (server.address() as AddressInfo).port);
  const claims = [
    { part: 'Kafka', use, port: ports[0] ?? 0 },
    { part: 'MySQL', use: { name: 'MYSQL', base: 13_306 }, port: ports[1] ?? 0 },
  ];
  const taken = assertFree(claims, 1000);
  await expect(taken).rejects.toThrow(`port ${ports[0]} for Kafka is taken`);
  await expect(taken).rejects.toThrow(`port ${ports[1]} for MySQL is taken`);
  await expect(taken).rejects.toThrow(
    'set TANDEM_STACK_PORT_MYSQL to another port (this stack adds 1000 to it)',
  );
  first.close();
  second.close();
  await Promise.all([once(first, 'close'), once(second, 'close')]);
  await expect(assertFree(claims, 0)).resolves.toBeUndefined();
});
