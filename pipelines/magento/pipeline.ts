import { definePipeline, mysql, postgres } from '../../src/pipeline/define.ts';
import { catalogEntities } from './catalog.ts';
import { customerEntities } from './customers.ts';
import { publications } from './effects.ts';
import { orderEntities } from './orders.ts';

export default definePipeline({
  name: 'magento',
  sides: {
    magento: mysql({
      database: 'magento_db',
      connector: 'magento-mysql-connector',
      healthCheck: 'magento_database',
      aliases: {
        host: 'MAGENTO_DB_HOST',
        port: 'MAGENTO_DB_PORT',
        database: 'MAGENTO_DB_NAME',
        username: 'MAGENTO_DB_USER',
        password: 'MAGENTO_DB_PASS',
      },
    }),
    micro: postgres({
      database: 'microservices_db',
      healthCheck: 'microservices_database',
      aliases: {
        url: 'MICRO_DB_DSN',
        host: 'MICRO_DB_HOST',
        port: 'MICRO_DB_PORT',
        database: 'MICRO_DB_NAME',
        username: 'MICRO_DB_USER',
        password: 'MICRO_DB_PASS',
      },
    }),
  },
  entities: { ...customerEntities, ...catalogEntities, ...orderEntities },
  effects: publications,
});
