import { Argument, Command } from 'commander';
import { candidates } from './candidates.ts';
import { completionScripts, shells } from './completion-scripts.ts';
import type { Shell } from './completion-scripts.ts';

/** `tandem completion SHELL`: the script; with words, what it asks for each time. */
export function completionCommand(): Command {
  return new Command('completion')
    .description('Print a script that completes commands, options and names in bash, zsh or fish')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .argument('[words...]', 'behind --, what the script asks: the words of a line, the last one unfinished')
    .addHelpText(
      'after',
      `
To complete in every new shell:
  bash  echo 'source <(tandem completion bash)' >> ~/.bashrc
  zsh   echo 'source <(tandem completion zsh)' >> ~/.zshrc    (behind compinit)
  fish  echo 'tandem completion fish | source' >> ~/.config/fish/config.fish`,
    )
    .action(async (shell: Shell, words: string[]) => {
      const { script, answer } = completionScripts[shell];
      const program = [process.execPath, process.argv[1]!].map(quoted).join(' ');
      if (words.length === 0) return void process.stdout.write(script(program));
      const line = joined(words);
      for (const candidate of await candidates(line))
        process.stdout.write(`${answer(candidate, line.at(-1)!)}\n`);
    });
}

const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** bash gives `--class=data` as three words, and `legacy:42` too. */
function joined(words: readonly string[]): string[] {
  const found: string[] = [];
  for (const [at, word] of words.entries()) {
    const goesOn = /^[=:]$/.test(word) || /^[=:]$/.test(words[at - 1] ?? '');
    if (goesOn && found.length > 0) found.push(found.pop()! + word);
    else found.push(word);
  }
  return found;
}
