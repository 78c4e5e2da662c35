type Config = Readonly<Record<string, string>>;

/** Debezium's lists are regular expressions, each for a whole name, of any letter case. */
const matches = (list: string, name: string): boolean =>
  list.split(',').some((each) => {
    try {
      return new RegExp(`^(?:${each.trim()})$`, 'i').test(name);
    } catch {
      // one of Java's own; the canary itself shows whether it matches
      return true;
    }
  });

/** Whether a connector's lists let it capture a table, by its schema's or database's name and its own. */
export function captures(config: Config, schema: string, table: string): boolean {
  const allowed = (kind: string, name: string) => {
    const [include, exclude] = [config[`${kind}.include.list`], config[`${kind}.exclude.list`]];
    return include ? matches(include, name) : !(exclude && matches(exclude, name));
  };
  return (
    ['database', 'schema'].every((kind) => allowed(kind, schema)) && allowed('table', `${schema}.${table}`)
  );
}

/** Whether the connector drops records by a condition. */
export const filters = (config: Config): boolean =>
  (config['transforms'] ?? '')
    .split(',')
    .some((name) => config[`transforms.${name.trim()}.type`] === 'io.debezium.transforms.Filter');
