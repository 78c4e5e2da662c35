import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { runClient } from './run-client.ts';

/** URI of a Debian archive, for machines whose own apt uses none. */
const mirrorVariable = 'TANDEM_STACK_DEBIAN_MIRROR';

/** Debian's archive keys, as Debian and (package `debian-archive-keyring`) Ubuntu install them. */
export const debianKeyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

async function sourceLists(): Promise<string[]> {
  const folder = '/etc/apt/sources.list.d';
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => /\.(list|sources)$/.test(name)).map((name) => join(folder, name));
  return Promise.all(
    ['/etc/apt/sources.list', ...files].map((file) => readFile(file, 'utf8').catch(() => '')),
  );
}

/** The Debian mirror of the environment, else the one this machine's own apt uses. Throws, naming the variable, without either. */
export async function debianMirror(): Promise<string> {
  const given = process.env[mirrorVariable];
  if (given) return given;
  const lines = (await sourceLists()).join('\n').split('\n');
  const uris = lines
    .filter((line) => /^(deb|URIs:)\s/.test(line.trim()))
    .flatMap((line) => line.match(/\b(?:https?|mirror\+\w+|tor\+\w+):\/\/\S+/g) ?? [])
    .map((uri) => uri.replace(/\/$/, ''));
  const own = uris.find((uri) => uri.endsWith('/debian'));
  if (!own)
    throw new Error(
      `this machine's apt has no Debian archive: name one in ${mirrorVariable}, put the server on PATH, or give its address`,
    );
  return own;
}

/**
 * An apt of its own: own sources, lists, cache and an empty package database, so that it works without root,
 * takes all dependencies, and leaves the machine's apt alone. Read after the machine's own settings, of which
 * proxies and credentials stay in force while its hooks are dropped.
 */
const configuration = (home: string): string => `
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
#clear APT::Architectures;
#clear APT::Default-Release;
APT::Architecture "amd64";
APT::Sandbox::User "";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";
Debug::NoLocking "true";
Dir::Etc::sourcelist "${home}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "${home}/state";
Dir::State::lists "${home}/lists";
Dir::State::status "${home}/status";
Dir::Cache "${home}/cache";
Dir::Log "${home}/log";
`;

/**
 * Unpacks Debian sid's newest version of a package, with everything it needs down to the C library, into
 * `root` below the folder. apt checks signature and hashes. Returns the version that came.
 */
export async function fetchDebian(name: string, into: string, signal: AbortSignal): Promise<string> {
  const home = join(into, 'apt');
  const root = join(into, 'root');
  for (const folder of ['lists/partial', 'cache/archives/partial', 'state', 'log'])
    await mkdir(join(home, folder), { recursive: true });
  await mkdir(root);
  await writeFile(
    join(home, 'sources.list'),
    `deb [signed-by=${debianKeyring}] ${await debianMirror()} sid main\n`,
  );
  await writeFile(join(home, 'status'), '');
  await writeFile(join(home, 'apt.conf'), configuration(home));
  const call = { cwd: into, signal };
  const apt = (...args: string[]): Promise<void> =>
    runClient('apt-get', ['--quiet', '--config-file', join(home, 'apt.conf'), ...args], call);
  await apt('update');
  await apt('install', '--yes', '--download-only', name);
  const archives = join(home, 'cache', 'archives');
  const packages = (await readdir(archives)).filter((file) => file.endsWith('.deb'));
  for (const file of packages) await runClient('dpkg', ['-x', join(archives, file), root], call);
  const own = packages.find((file) => file.startsWith(`${name}_`));
  if (!own) throw new Error(`apt-get fetched no ${name}`);
  const { stdout } = await execa('dpkg-deb', ['--field', join(archives, own), 'Version']);
  await rm(home, { recursive: true, force: true });
  return stdout.trim();
}
