import { mkdirSync } from 'node:fs';
import type { Part } from '../../src/stack/part.ts';

/** A part whose server is a few lines of JavaScript listening on its port. */
export function scriptedPart(name: string, base: number, script?: (port: number) => string): Part {
  const use = { name: name.toUpperCase(), base };
  const listening = (port: number): string =>
    `require('http').createServer((_, answer) => answer.end('${name}')).listen(${port}, '127.0.0.1')`;
  return {
    name,
    title: `The ${name}`,
    after: [],
    ports: [use],
    diskBytes: 0,
    memoryBytes: 0,
    addresses: ({ port }) => [{ required: { [`${use.name}_URL`]: `http://127.0.0.1:${port(use.name)}` } }],
    plan: ({ port, folders }) =>
      Promise.resolve({
        source: 'path',
        downloads: [],
        server: () =>
          Promise.resolve({
            version: '1',
            command: {
              file: process.execPath,
              args: ['-e', (script ?? listening)(port(use.name)), folders.home],
              cwd: folders.data(name),
              stopSignal: 'SIGTERM',
            },
            prepare: () => Promise.resolve(void mkdirSync(folders.data(name), { recursive: true })),
            probe: async () => void (await fetch(`http://127.0.0.1:${port(use.name)}`)),
          }),
      }),
  };
}
