import type { Part } from './part.ts';
import { connect } from './parts/connect.ts';
import { elasticmq } from './parts/elasticmq.ts';
import { kafka } from './parts/kafka.ts';
import { mysql } from './parts/mysql.ts';
import { postgres } from './parts/postgres.ts';
import { redis } from './parts/redis.ts';
import { temporal } from './parts/temporal.ts';

/** Every part of the embedded stack, in the order in which it is shown. */
export const parts: readonly Part[] = [postgres, mysql, kafka, connect, temporal, redis, elasticmq];
