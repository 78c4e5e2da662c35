#!/usr/bin/env node
import { endingOf } from './exit.ts';
import { buildProgram } from './program.ts';

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
