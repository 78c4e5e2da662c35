/** An account of MySQL, as reports name it and as statements do. */
export interface Account {
  subject: string;
  account: string;
}

export const namedAccount = (user: string, host: string): Account => ({
  subject: `user ${user}`,
  account: [user, host].map((part) => `'${part.replaceAll("'", "''")}'`).join('@'),
});

/** Of what CURRENT_USER() gives. */
export function accountOf(text: string): Account {
  const at = text.lastIndexOf('@');
  return namedAccount(text.slice(0, at), text.slice(at + 1));
}
