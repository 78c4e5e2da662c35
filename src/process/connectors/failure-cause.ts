const thrown = /^(?:Caused by: )?((?:[\w$]+\.)+[\w$]*(?:Exception|Error))(?::\s*(.*))?$/;

/** Where a message may begin to show a row: a structure, an assignment, a quotation after a colon or the word value. */
const values = /[{[(=]|\bfor (?:record|row)\b|\bdetail\b|:\s*["']|\bvalue:?\s+["']/i;

function head(message: string): string {
  const end = message.search(values);
  return (end < 0 ? message : message.slice(0, end)).slice(0, 160).trim();
}

/**
 * The exceptions of a failed task's trace, outermost first, at most five: class and the beginning of the message. What
 * follows can be a whole row (a transformation prints the record it failed on), so it is cut off.
 */
export function failureCause(trace: string): string[] {
  return trace
    .split('\n')
    .flatMap((line) => {
      const [, name, message = ''] = thrown.exec(line.trim()) ?? [];
      if (name === undefined) return [];
      const short = name.slice(name.lastIndexOf('.') + 1);
      return [head(message) === '' ? short : `${short}: ${head(message)}`];
    })
    .slice(0, 5);
}
