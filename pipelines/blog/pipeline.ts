import { z } from 'zod';
import { enumeration, integer, text, timestamptz } from '../../src/pipeline/columns.ts';
import { definePipeline, entity, env, mysql, postgres, table } from '../../src/pipeline/define.ts';

const legacyStatus = enumeration('active', 'inactive', 'banned');
const revampStatus = enumeration('ACTIVE', 'DISABLED', 'SUSPENDED');
const toRevamp = { active: 'ACTIVE', inactive: 'DISABLED', banned: 'SUSPENDED' } as const;
const toLegacy = { ACTIVE: 'active', DISABLED: 'inactive', SUSPENDED: 'banned' } as const;

const accountStatus = z.codec(legacyStatus, revampStatus, {
  decode: (status) => toRevamp[status],
  encode: (status) => toLegacy[status],
});

const dates = { created_at: timestamptz(), updated_at: timestamptz() };
const sameDates = { created_at: 'created_at', updated_at: 'updated_at' };

export default definePipeline({
  name: 'blog',
  sides: {
    legacy: postgres({ url: env('LEGACY_DATABASE_URL'), groupId: 'sync-service-legacy' }),
    revamp: mysql({ url: env('REVAMP_DATABASE_URL'), groupId: 'sync-service-revamp' }),
  },
  entities: {
    users: entity({
      tables: {
        legacy: table('legacy_users', {
          id: integer(),
          username: text(),
          email: text(),
          full_name: text().nullable(),
          phone_number: text().nullable(),
          status: legacyStatus,
          ...dates,
        }),
        revamp: table('revamp_users', {
          id: integer(),
          user_name: text(),
          email_address: text(),
          display_name: text().nullable(),
          mobile: text().nullable(),
          account_status: revampStatus,
          ...dates,
        }),
      },
      columns: {
        username: 'user_name',
        email: 'email_address',
        full_name: 'display_name',
        phone_number: 'mobile',
        status: ['account_status', accountStatus],
        ...sameDates,
      },
      matchOn: ['email'],
    }),
    posts: entity({
      tables: {
        legacy: table('legacy_posts', {
          id: integer(),
          user_id: integer(),
          post_title: text(),
          post_content: text().nullable(),
          ...dates,
        }),
        revamp: table('revamp_posts', {
          id: integer(),
          author_id: integer(),
          title: text(),
          content: text().nullable(),
          ...dates,
        }),
      },
      columns: { user_id: 'author_id', post_title: 'title', post_content: 'content', ...sameDates },
      references: { user_id: 'users' },
    }),
    likes: entity({
      tables: {
        legacy: table('legacy_likes', { id: integer(), user_id: integer(), post_id: integer(), ...dates }),
        revamp: table('revamp_likes', {
          id: integer(),
          liker_id: integer(),
          article_id: integer(),
          ...dates,
        }),
      },
      columns: { user_id: 'liker_id', post_id: 'article_id', ...sameDates },
      references: { user_id: 'users', post_id: 'posts' },
      // A user likes a post once, on whichever side.
      matchOn: ['user_id', 'post_id'],
    }),
  },
});
