/** PostgreSQL's array literal of a canonical array: every element quoted, so no text has a meaning of its own. */
export function arrayLiteral(canonical: string): string {
  const write = (element: unknown): string => {
    if (Array.isArray(element)) return `{${element.map(write).join(',')}}`;
    if (element === null) return 'NULL';
    return `"${(element as string).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  };
  return write(JSON.parse(canonical));
}
