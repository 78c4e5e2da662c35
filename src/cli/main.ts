#!/usr/bin/env node
import { Command } from 'commander';
import { stackCommand } from './stack.ts';

const program = new Command('tandem')
  .description('Keeps databases with different schemas in step, both ways, through Temporal.')
  .showHelpAfterError()
  .addCommand(stackCommand());

await program.parseAsync();
