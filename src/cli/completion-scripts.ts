import type { Candidate } from './candidates.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

interface Completion {
  /** Asks the program, given as words of the shell, at each Tab; file names where it knows nothing. */
  script: (program: string) => string;
  /** A candidate for the unfinished word, as a line that the script understands. */
  answer: (candidate: Candidate, unfinished: string) => string;
}

export const completionScripts: Readonly<Record<Shell, Completion>> = {
  bash: {
    script: (program) => `_tandem() {
  local IFS=$'\\n'
  COMPREPLY=($(${program} completion bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _tandem tandem
`,
    // bash replaces what is behind the last = or : alone.
    answer: ({ value }, unfinished) => value.slice(unfinished.search(/[^=:]*$/)),
  },
  zsh: {
    script: (program) => `#compdef tandem
_tandem() {
  local -a found
  found=("\${(@f)$(${program} completion zsh -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$found" ]]; then _describe tandem found; else _files; fi
}
if [[ "\${funcstack[1]}" = _tandem ]]; then _tandem "$@"; else compdef _tandem tandem; fi
`,
    answer: ({ value, description }) =>
      [value.replaceAll(':', String.raw`\:`), description].filter(Boolean).join(':'),
  },
  fish: {
    script: (program) => `function __tandem_complete
  set -l current (commandline -ct)
  set -l before (commandline -opc)
  set -l found (${program} completion fish -- $before[2..-1] "$current" 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path "$current"
  end
end
complete -c tandem -f -a '(__tandem_complete)'
`,
    answer: ({ value, description }) => `${value}\t${description}`,
  },
};
