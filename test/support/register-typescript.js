import { register } from 'node:module';

// `node --import ./test/support/register-typescript.js <script>.ts`
register('./typescript-loader.js', import.meta.url);
