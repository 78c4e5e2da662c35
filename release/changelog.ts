const unreleased = /^## (?:\S+ \(unreleased\)|Unreleased)$/m;

/** The changelog with its unreleased section under this version and day. Throws where there is none, or nothing in it. */
export function released(changelog: string, version: string, day: string): string {
  const found = unreleased.exec(changelog);
  if (!found) throw new Error('CHANGELOG.md has no section "## Unreleased": write what is new for users');
  const [section] = changelog.slice(found.index + found[0].length).split(/^## /m);
  if (!/^- /m.test(section!)) throw new Error('the unreleased section of CHANGELOG.md is empty');
  return changelog.replace(unreleased, `## ${version} (${day})`);
}
