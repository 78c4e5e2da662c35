#!/usr/bin/env node
import { endingOf } from './exit.ts';
import { buildProgram } from './program.ts';

// whoever reads our output may stop reading: `tandem … | head`
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  const words = process.argv.slice(2);
  const program = await buildProgram(words);
  if (words.length === 0) program.outputHelp();
  else await program.parseAsync();
} catch (error) {
  const { lines, code } = endingOf(error);
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.exitCode = code;
}
