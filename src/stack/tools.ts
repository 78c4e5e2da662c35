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

const packages = {
  npm: { apt: 'npm', dnf: 'nodejs-npm' },
  pip: { apt: 'python3-pip', dnf: 'python3-pip' },
  java: { apt: 'openjdk-17-jre-headless', dnf: 'java-17-openjdk-headless' },
  maven: { apt: 'maven', dnf: 'maven' },
  'debian-keys': { apt: 'debian-archive-keyring', dnf: 'debian-keyring' },
} as const;

/** One line for the package manager of this machine. */
function install(name: keyof typeof packages): string {
  const { apt, dnf } = packages[name];
  if (isOnPath('apt-get')) return `sudo apt-get install -y ${apt}`;
  if (isOnPath('dnf')) return `sudo dnf install -y ${dnf}`;
  return `install it with your package manager (Debian calls it ${apt})`;
}

/** Looks only; runs nothing that takes longer than asking pip for its version. */
export const toolChecks: Readonly<Record<Tool, ToolCheck>> = {
  npm: { title: 'npm', isThere: () => isOnPath('npm'), install: install('npm') },
  pip: {
    title: 'pip',
    isThere: async () => (await pipCommand()) !== undefined,
    install: install('pip'),
  },
  java: {
    title: 'Java 17 or newer',
    isThere: () => isOnPath('java'),
    install: install('java'),
  },
  maven: { title: 'Maven', isThere: () => isOnPath('mvn'), install: install('maven') },
  apt: {
    title: 'apt-get and dpkg',
    isThere: () => isOnPath('apt-get') && isOnPath('dpkg') && isOnPath('dpkg-deb'),
    install: 'put a mysqld 8.0 or newer on PATH, or give the MySQL by its URLs',
  },
  'debian-keys': {
    title: "Debian's archive keys",
    isThere: () => existsSync(debianKeyring),
    install: install('debian-keys'),
  },
};
