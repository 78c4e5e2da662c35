/**
 * A plain SQL file as one text of several statements. Lines of the `mysql` client (`DELIMITER //`) are honoured, so the
 * same file runs there: between two of them a line that is the delimiter ends a statement.
 */
export function statementsOf(file: string): string {
  let delimiter = ';';
  const lines: string[] = [];
  for (const line of file.split('\n')) {
    const word = /^DELIMITER\s+(\S+)\s*$/i.exec(line)?.[1];
    if (word !== undefined) delimiter = word;
    else lines.push(line.trim() === delimiter ? ';' : line);
  }
  return lines.join('\n');
}
