import { existsSync } from 'node:fs';
import { chown, copyFile, mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { connectPlain } from '../../../src/database/plain-connection.ts';
import type { PlainConnection } from '../../../src/database/plain-connection.ts';
import { parts } from '../../../src/stack/catalogue.ts';
import type { Part, PartContext, Server } from '../../../src/stack/part.ts';
import { findJava, javaServer } from '../../../src/stack/parts/java.ts';
import { kafkaClassPath } from '../../../src/stack/parts/kafka-libraries.ts';
import { certificateFiles, certifiedUser, makeCertificates, pemStore } from './certificates.ts';
import type { CertificateFiles } from './certificates.ts';

/** Where the test stack's certificates are. */
export const certificateFolder = (home: string): string => join(home, 'certificates');

/** For Java, which Debezium's connector for MySQL wants. */
export const trustStore = {
  file: 'authority.p12',
  password: 'not-a-secret',
  /** In Kafka Connect's environment. */
  variable: 'TRUSTSTORE_PASSWORD',
};

/** Where the door before Temporal is, in a run that speaks TLS everywhere. */
export const temporalPort = 18_234;

export const kafkaLogin = { username: 'tandem', password: 'kafka-secret' };
/** Of who may do what ACLs say, and nothing else. */
export const restrictedLogin = { username: 'restricted', password: 'kafka-secret' };

/** Whether the tests speak TLS everywhere and encrypt payloads: `TANDEM_TEST_TLS=1 npm test`. */
export const isEncrypted = process.env['TANDEM_TEST_TLS'] === '1';

interface Extension {
  ports: Part['ports'];
  extend: (server: Server, context: PartContext, files: CertificateFiles) => Promise<Server>;
}

const withArgs = (server: Server, ...args: string[]): Server => ({
  ...server,
  command: { ...server.command, args: [...server.command.args, ...args] },
});

/** Plain connections are refused but for the stack's own, to the database `postgres`. */
const hostRules = `hostssl all ${certifiedUser} 127.0.0.1/32 cert
${isEncrypted ? 'host postgres postgres 127.0.0.1/32 scram-sha-256\nhostssl' : 'host'} all all 127.0.0.1/32 scram-sha-256
`;

const postgres: Extension = {
  ports: [],
  async extend(server, _context, files) {
    const { cwd, account } = server.command;
    const folder = join(cwd, 'tls');
    const [certificate, key, authority] = ['server.crt', 'server.key', 'authority.crt'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    const rules = join(folder, `hosts-${isEncrypted}.conf`);
    const settings = {
      ssl: 'on',
      ssl_cert_file: certificate,
      ssl_key_file: key,
      ssl_ca_file: authority,
      hba_file: rules,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    return {
      ...withArgs(server, ...args),
      async prepare() {
        await server.prepare();
        await mkdir(folder, { recursive: true });
        await copyFile(files.server, certificate);
        await copyFile(files.key, key);
        await copyFile(files.authority, authority);
        await writeFile(rules, hostRules);
        // Its key must be the server's own.
        if (account)
          for (const file of [certificate, key, authority, rules])
            await chown(file, account.uid, account.gid);
      },
    };
  },
};

const mysql: Extension = {
  ports: [],
  async extend(server, context, { authority, server: certificate, key }) {
    const files = [`--ssl-ca=${authority}`, `--ssl-cert=${certificate}`, `--ssl-key=${key}`];
    const extended = withArgs(server, ...files);
    if (!isEncrypted) return extended;
    const url = `mysql://root:root@localhost:${context.port('MYSQL')}/?ssl-ca=${authority}`;
    const asRoot = async (work: (root: PlainConnection) => Promise<unknown>): Promise<void> => {
      const root = await connectPlain('mysql', url);
      try {
        await work(root);
      } finally {
        await root.close();
      }
    };
    const require = (state: 'ON' | 'OFF') => `SET GLOBAL require_secure_transport = ${state}`;
    return {
      ...extended,
      probe: () => asRoot((root) => root.query('SELECT 1')),
      // The stack's own connections are plain.
      settle: () =>
        asRoot(async (root) => {
          await root.query(require('OFF'));
          await server.settle?.();
          await root.query(require('ON'));
        }),
    };
  },
};

const redis: Extension = {
  ports: [{ name: 'REDIS_TLS', base: 16_380 }],
  async extend(server, context, { authority, server: certificate, key }) {
    const door = ['--tls-port', String(context.port('REDIS_TLS')), '--tls-auth-clients', 'no'];
    const files = ['--tls-ca-cert-file', authority, '--tls-cert-file', certificate, '--tls-key-file', key];
    return withArgs(server, ...door, ...files);
  },
};

/** One listener for a login, one for client certificates, and one whose certificate has expired. */
const listeners = ['LOGIN', 'CERTIFIED', 'EXPIRED'] as const;

/** One request sets one mechanism of a user. */
const scrams = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map(
  (mechanism) => `${mechanism}=[iterations=4096,password=${kafkaLogin.password}]`,
);

const kafka: Extension = {
  ports: listeners.map((name, index) => ({ name: `KAFKA_${name}`, base: 19_094 + index })),
  async extend(server, context, { authority }) {
    const folder = dirname(authority);
    const stores = { good: join(folder, 'kafka.pem'), expired: join(folder, 'kafka-expired.pem') };
    const [[file, text] = ['', '']] = Object.entries(server.command.files ?? {});
    const addresses = listeners.map((name) => `${name}://localhost:${context.port(`KAFKA_${name}`)}`);
    const module = 'org.apache.kafka.common.security';
    const more = {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': stores.good,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': authority,
      'listener.name.certified.ssl.client.auth': 'required',
      'listener.name.expired.ssl.keystore.type': 'PEM',
      'listener.name.expired.ssl.keystore.location': stores.expired,
      'listener.name.login.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      'listener.name.login.plain.sasl.jaas.config': `${module}.plain.PlainLoginModule required ${[kafkaLogin, restrictedLogin].map(({ username, password }) => `user_${username}="${password}"`).join(' ')};`,
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': `User:ANONYMOUS;User:${kafkaLogin.username};User:CN=${certifiedUser}`,
      'listener.name.login.scram-sha-256.sasl.jaas.config': `${module}.scram.ScramLoginModule required;`,
      'listener.name.login.scram-sha-512.sasl.jaas.config': `${module}.scram.ScramLoginModule required;`,
    };
    const lines = Object.entries(more).map(([name, value]) => `${name}=${value}`);
    const changed = text
      .replace(/^(listeners|advertised\.listeners)=.*$/gm, (line) => [line, ...addresses].join())
      .replace(/^listener\.security\.protocol\.map=.*$/m, '$&,LOGIN:SASL_SSL,CERTIFIED:SSL,EXPIRED:SSL');
    const made = join(context.folders.data('kafka'), 'login-made');
    return {
      ...server,
      command: { ...server.command, files: { [file]: `${changed}${lines.join('\n')}\n` } },
      async settle() {
        await server.settle?.();
        const java = await findJava(context.folders.downloads, context.environment);
        await makeTrustStore(java.file, authority);
        if (existsSync(made)) return;
        const broker = `127.0.0.1:${context.port('KAFKA')}`;
        const action = ['--bootstrap-server', broker, '--alter', '--entity-type', 'users'];
        const user = ['--entity-name', kafkaLogin.username];
        const classPath = kafkaClassPath(context.folders.downloads);
        const command = javaServer('256m', classPath, 'kafka.admin.ConfigCommand', ...action, ...user);
        await Promise.all(scrams.map((scram) => execa(java.file, [...command, '--add-config', scram])));
        await writeFile(made, '');
      },
    };
  },
};

async function makeTrustStore(java: string, authority: string): Promise<void> {
  const store = join(dirname(authority), trustStore.file);
  if (existsSync(store)) return;
  const what = ['-importcert', '-noprompt', '-alias', 'authority', '-file', authority];
  const into = ['-keystore', store, '-storetype', 'PKCS12', '-storepass', trustStore.password];
  await execa(join(dirname(await realpath(java)), 'keytool'), [...what, ...into]);
}

/** In a run that speaks TLS everywhere also a client of Kafka, with a login of its own for its connectors. */
const connect: Extension = {
  ports: [],
  async extend(server, context, { authority }) {
    const login = `username="${kafkaLogin.username}" password="${kafkaLogin.password}"`;
    const jaas = `org.apache.kafka.common.security.scram.ScramLoginModule required ${login};`;
    const { command } = server;
    const environment = {
      ...command.environment,
      [trustStore.variable]: trustStore.password,
      CONNECT_KAFKA_JAAS: jaas,
    };
    if (!isEncrypted) return { ...server, command: { ...command, environment } };
    const [[file, text] = ['', '']] = Object.entries(command.files ?? {});
    const settings = {
      'security.protocol': 'SASL_SSL',
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': authority,
      'sasl.mechanism': 'SCRAM-SHA-512',
      'sasl.jaas.config': jaas,
    };
    const lines = ['', 'producer.', 'consumer.', 'admin.'].flatMap((client) =>
      Object.entries(settings).map(([name, value]) => `${client}${name}=${value}`),
    );
    const broker = `localhost:${context.port('KAFKA_LOGIN')}`;
    const changed = text.replace(/^bootstrap\.servers=.*$/m, `bootstrap.servers=${broker}`);
    const files = { [file]: `${changed}${lines.join('\n')}\n` };
    return { ...server, command: { ...command, environment, files } };
  },
};

const extensions: Readonly<Record<string, Extension>> = {
  postgres,
  mysql,
  redis,
  kafka,
  connect,
};

/** The stack's parts, which offer TLS beside what they are. */
export const encryptedParts: readonly Part[] = parts.map((part) => {
  const extension = extensions[part.name];
  if (!extension) return part;
  return {
    ...part,
    ports: [...part.ports, ...extension.ports],
    async plan(context) {
      const plan = await part.plan(context);
      return {
        ...plan,
        async server() {
          const folder = certificateFolder(context.folders.home);
          certificates ??= makeStores(folder);
          await certificates;
          return extension.extend(await plan.server(), context, certificateFiles(folder));
        },
      };
    },
  };
});

/** Several parts come at once. */
let certificates: Promise<void> | null = null;

async function makeStores(folder: string): Promise<void> {
  await makeCertificates(folder);
  const { server, expired, key } = certificateFiles(folder);
  await pemStore(server, key, join(folder, 'kafka.pem'));
  await pemStore(expired, key, join(folder, 'kafka-expired.pem'));
}
