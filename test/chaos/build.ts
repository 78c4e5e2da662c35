import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';

/** A built checkout of Tandem. */
export interface Build {
  /** `this build`, or the version or commit it was built from. */
  readonly name: string;
  readonly folder: string;
}

export const thisBuild: Build = { name: 'this build', folder: packageRoot };

/** The built command. */
export const commandOf = ({ folder }: Build): string => join(folder, 'dist', 'src', 'cli', 'main.js');
