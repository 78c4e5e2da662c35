import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { debianKeyring } from './fetch/apt.ts';
import { pipCommand } from './fetch/pip.ts';

/** What a download needs of this machine. */
export type Tool = 'npm' | 'pip' | 'java' | 'maven' | 'apt' | 'debian-keys';

export interface ToolCheck {
  readonly title: string;
  readonly isThere: () => Promise<boolean> | boolean;
  /** One line that installs it. */
  readonly install: string;
}

export function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}

const debianInstall = (...packages: string[]): string => `sudo apt-get install -y ${packages.join(' ')}`;

/** Looks only; runs nothing that takes longer than asking pip for its version. */
export const toolChecks: Readonly<Record<Tool, ToolCheck>> = {
  npm: { title: 'npm', isThere: () => isOnPath('npm'), install: debianInstall('npm') },
  pip: {
    title: 'pip',
    isThere: async () => (await pipCommand()) !== undefined,
    install: debianInstall('python3-pip'),
  },
  java: {
    title: 'Java 17 or newer',
    isThere: () => isOnPath('java'),
    install: debianInstall('openjdk-17-jre-headless'),
  },
  maven: { title: 'Maven', isThere: () => isOnPath('mvn'), install: debianInstall('maven') },
  apt: {
    title: 'apt-get and dpkg',
    isThere: () => isOnPath('apt-get') && isOnPath('dpkg') && isOnPath('dpkg-deb'),
    install: 'put a mysqld 8.0 or newer on PATH, or give the MySQL by its URLs',
  },
  'debian-keys': {
    title: "Debian's archive keys",
    isThere: () => existsSync(debianKeyring),
    install: debianInstall('debian-archive-keyring'),
  },
};
