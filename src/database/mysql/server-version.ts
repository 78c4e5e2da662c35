import type { PlainConnection } from '../plain-connection.ts';

/** The server's version as it names itself, and major * 100 + minor. */
export async function version(connection: PlainConnection): Promise<{ text: string; number: number }> {
  const [row] = await connection.query('SELECT VERSION() AS version');
  const text = String(row?.['version']);
  const [major = 0, minor = 0] = text.split('.').map((part) => Number.parseInt(part, 10));
  return { text, number: major * 100 + minor };
}
