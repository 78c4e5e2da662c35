import { definePipeline, mysql, postgres } from '../../src/pipeline/define.ts';
import { effects } from './effects.ts';
import { endpoints } from './endpoints.ts';
import { entities } from './entities.ts';
import { jobs } from './jobs.ts';

export default definePipeline({
  name: 'dialler',
  sides: {
    replica: mysql({
      database: 'main_database',
      connector: 'dialler-mysql-connector',
      aliases: { queueUrl: 'SQS_QUEUE_URL' },
    }),
    dialler: postgres({ database: 'dialler_db' }),
  },
  entities,
  effects,
  jobs,
  endpoints,
  cache: true,
});
