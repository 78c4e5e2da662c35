import { searchAttributes } from '../../temporal/names.ts';
import { onServer } from '../check.ts';
import type { Check } from '../check.ts';
import { fail, ok } from '../finding.ts';
import type { Fix } from '../finding.ts';

/** `IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD` of the Temporal API. */
const keyword = 2;
const notFound = 5;

/** The namespace exists and knows the search attributes. */
export const temporalNamespace: Check = {
  name: 'temporal',
  title: 'Temporal namespace is prepared',
  run: ({ settings, temporal }) =>
    onServer('Temporal', temporal, async ({ workflowService, operatorService }) => {
      const namespace = settings.temporalNamespace;
      try {
        await workflowService.describeNamespace({ namespace });
      } catch (error) {
        if ((error as { code?: number }).code !== notFound) throw error;
        return [
          fail(
            `namespace ${namespace}`,
            'does not exist',
            `temporal operator namespace create --namespace ${namespace} --retention 720h`,
          ),
        ];
      }
      const register: Fix = {
        key: `search attributes of namespace ${namespace}`,
        async run() {
          const known = (await operatorService.listSearchAttributes({ namespace })).customAttributes;
          const missing = searchAttributes.filter((name) => known[name] === undefined);
          await operatorService.addSearchAttributes({
            namespace,
            searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
          });
          return `registered ${missing.join(', ')}`;
        },
      };
      const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
      return [
        ok(`namespace ${namespace}`, 'exists'),
        ...searchAttributes.map((name) => {
          const type: unknown = customAttributes[name];
          if (type === keyword || type === 'INDEXED_VALUE_TYPE_KEYWORD') return ok(name, 'registered');
          return fail(
            name,
            type === undefined ? 'is not registered' : 'is registered with another type than Keyword',
            `temporal operator search-attribute create --namespace ${namespace} --name ${name} --type Keyword`,
            type === undefined ? register : null,
          );
        }),
      ];
    }),
};
