/**
 * Names of column and constraint, which MySQL puts into its message only. They are for people: the class never
 * depends on them. Each pattern is bound to the one message of its number and to a place no row value can reach:
 * the quoted end of the message, written by the server after any value, or a message that carries no value.
 */
const columnAtEnd = /column '([^']+)' at row \d+$/;
const keyAtEnd = /for key '([^']+)'$/;
const patterns: Readonly<Record<number, { column?: RegExp; constraint?: RegExp }>> = {
  1048: { column: /^Column '([^']+)' cannot be null$/ },
  1054: { column: /^Unknown column '([^']+)' in '[^']+'$/ },
  1062: { constraint: keyAtEnd },
  1586: { constraint: keyAtEnd },
  1264: { column: columnAtEnd },
  1265: { column: columnAtEnd },
  1292: { column: columnAtEnd },
  1366: { column: columnAtEnd },
  1364: { column: /^Field '([^']+)' doesn't have a default value$/ },
  1406: { column: columnAtEnd },
  1451: { constraint: /, CONSTRAINT `([^`]+)` FOREIGN KEY / },
  1452: { constraint: /, CONSTRAINT `([^`]+)` FOREIGN KEY / },
  3105: { column: /^The value specified for generated column '([^']+)' in table '[^']+' is not allowed\.$/ },
  3819: { constraint: /^Check constraint '([^']+)' is violated\.$/ },
};

export interface ErrorNames {
  column?: string | undefined;
  constraint?: string | undefined;
}

export function namesIn(errorNumber: number, message: string): ErrorNames {
  const pattern = patterns[errorNumber];
  return {
    column: pattern?.column?.exec(message)?.[1],
    constraint: pattern?.constraint?.exec(message)?.[1],
  };
}
