/** Kinds of change, written by the legacy app; `count` rows each. */
export const workloads = {
  /** New rows with a reference; the target makes their keys. */
  insert: (count: number) =>
    `INSERT INTO legacy_posts (user_id, post_title)
      SELECT (SELECT min(id) FROM legacy_users), 'bench ' || n FROM generate_series(1, ${count}) n`,
  /** Of rows that \`insert\` made. */
  update: (count: number) =>
    `UPDATE legacy_posts SET post_content = md5(random()::text)
      WHERE id IN (SELECT id FROM legacy_posts ORDER BY id DESC LIMIT ${count})`,
  /** New rows of an entity with \`matchOn\`: the other side may have them already. */
  match: (count: number) =>
    `INSERT INTO legacy_users (username, email)
      SELECT name, name || '@x.example' FROM (SELECT 'b' || txid_current() || '_' || n AS name FROM generate_series(1, ${count}) n) named`,
} as const;

export type Workload = keyof typeof workloads;
export const workloadNames = Object.keys(workloads) as Workload[];
