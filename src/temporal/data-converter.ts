import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { EncryptionCodec } from './encryption-codec.ts';
import { GzipCodec } from './payload-codec.ts';
import type { PayloadKeys } from './payload-keys.ts';

/** For every client and worker alike: what one writes the other must read. */
export const dataConverter = (keys: PayloadKeys): DataConverter => ({
  // Compressed first: nothing that is encrypted gets smaller.
  payloadCodecs: [new GzipCodec(), new EncryptionCodec(keys)],
  ...(keys.encrypting !== null && { failureConverterPath: failureConverterPath() }),
});

/** Of the module with it: TypeScript in a checkout's tests, JavaScript in a build. */
export function failureConverterPath(): string {
  const source = fileURLToPath(new URL('./encoded-failures.ts', import.meta.url));
  return existsSync(source) ? source : source.replace(/\.ts$/, '.js');
}
