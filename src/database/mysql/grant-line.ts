/** What one line of SHOW GRANTS gives. */
export interface GrantLine {
  /** Upper case; a privilege on columns stands as the privilege, `GRANT OPTION` as one of its own. */
  privileges: string[];
  /** As it stands in the line, e.g. `*.*`. */
  place: string;
  /** Pattern of LIKE, or `*`. */
  schema: string;
  /** `*`: all of the schema's. */
  table: string;
}

const name = '`((?:[^`]|``)*)`';
const line = /^GRANT (.+?) ON (\S+) TO .+?( WITH GRANT OPTION)?$/;
const tablePlace = new RegExp(`^(?:\\*|${name})\\.(?:\\*|${name})$`);

/** Null for what gives no privilege on tables: a role, a routine, PROXY. */
export function parseGrant(text: string): GrantLine | null {
  const [, privileges = '', place = '', option] = line.exec(text) ?? [];
  const [whole, schema = '*', table = '*'] = tablePlace.exec(place) ?? [];
  if (whole === undefined) return null;
  return {
    privileges: [
      ...new Set(
        privileges
          .replaceAll(/ \([^)]*\)/g, '')
          .split(/, ?/)
          .map((privilege) => privilege.toUpperCase()),
      ),
      ...(option === undefined ? [] : ['GRANT OPTION']),
    ],
    place,
    schema: schema.replaceAll('``', '`'),
    table: table.replaceAll('``', '`'),
  };
}

const rolesLine = /^GRANT ((?:`(?:[^`]|``)*`@`[^`]*`(?:, ?)?)+) TO /;

/** The roles a line of SHOW GRANTS gives, as statements name them. */
export const grantedRoles = (text: string): string[] =>
  rolesLine.exec(text)?.[1]?.match(/`(?:[^`]|``)*`@`[^`]*`/g) ?? [];

/** Whether a grant's schema covers a database: `_` and `%` stand for any, unless escaped. */
export function coversSchema(pattern: string, database: string): boolean {
  if (pattern === '*') return true;
  const source = pattern.replaceAll(/\\?[\s\S]/g, (each) => {
    if (each === '%') return '.*';
    if (each === '_') return '.';
    return each.slice(-1).replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
  });
  return new RegExp(`^${source}$`, 's').test(database);
}
