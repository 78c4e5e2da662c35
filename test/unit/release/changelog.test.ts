import { expect, test } from '@jest/globals';
import { released } from '../../../release/changelog.ts';

const before = '# Changelog\n\n## 0.1.0 (2026-11-27)\n\n- First.\n';

test.each(['## Unreleased', '## 0.2.0 (unreleased)'])(
  'what is under "%s" becomes the section of the release',
  (heading) => {
    const changelog = before.replace('## 0.1.0', `${heading}\n\n- New.\n\n## 0.1.0`);
    expect(released(changelog, '0.2.0', '2026-12-01')).toBe(
      before.replace('## 0.1.0', '## 0.2.0 (2026-12-01)\n\n- New.\n\n## 0.1.0'),
    );
  },
);

test.each([
  ['is no such section', before],
  ['is nothing in it', before.replace('## 0.1.0', '## Unreleased\n\n## 0.1.0')],
])('there is no release while there %s', (_what, changelog) => {
  expect(() => released(changelog, '0.2.0', '2026-12-01')).toThrow('CHANGELOG.md');
});
