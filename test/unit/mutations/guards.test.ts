import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { real } from '../../mutations/guards-real.ts';
import { simulated, switchedOff } from '../../mutations/guards.ts';

test.each([...simulated, ...real].map((guard) => [guard.name, guard] as const))(
  'the guard that the mutation check switches off is there: %s',
  async (_name, guard) => {
    const texts = new Map<string, string>();
    for (const edit of guard.edits) {
      const before = texts.get(edit.file) ?? (await readFile(edit.file, 'utf8'));
      texts.set(edit.file, switchedOff(guard, edit, before));
      expect(texts.get(edit.file)).not.toBe(before);
    }
  },
);
