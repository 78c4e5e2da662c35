/** The end of a command's help: each line is what follows `tandem`. */
export const examples = (...lines: readonly string[]): string =>
  ['\nExamples:', ...lines.map((line) => `  $ tandem ${line}`)].join('\n');
