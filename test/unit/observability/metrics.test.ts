import { expect, test } from '@jest/globals';
import { createMetrics } from '../../../src/observability/create-metrics.ts';
import { metricNames, tableLabel } from '../../../src/observability/names.ts';

const table = tableLabel({ side: 'left', name: 'people' });

test('every metric is exposed under its name, with its labels', async () => {
  const metrics = createMetrics({ processMetrics: false });
  metrics.synced({ table, status: 'applied', seconds: 0.02 });
  metrics.failed({ table, errorType: 'constraint' });
  metrics.echoed({ table, layer: 'origin' });
  metrics.conflicted({ table, type: 'insert_exists', verdict: 'kept' });
  metrics.verified({ table, type: 'different', rows: 3 });
  metrics.fromTheFuture({ table });
  metrics.read(10);
  metrics.inFlight(7);
  metrics.deadLetters(2);
  metrics.ingestLag(3);
  metrics.lagFrom(() => new Map([[table, 1.5]]));
  metrics.cacheRead('away');
  metrics.endpointAnswered({ path: '/people/:id', status: 404, seconds: 0.02 });
  const lines = (await metrics.expose()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'sync_duration_seconds_bucket{le="0.025",table="left.people",status="applied"} 1',
      'sync_duration_seconds_count{table="left.people",status="applied"} 1',
      'sync_total{table="left.people",status="applied"} 1',
      'sync_errors_total{table="left.people",error_type="constraint"} 1',
      'sync_echo_total{table="left.people",layer="origin"} 1',
      'sync_conflicts_total{table="left.people",type="insert_exists",verdict="kept"} 1',
      'sync_verify_rows_total{table="left.people",type="different"} 3',
      'sync_clock_ahead_total{table="left.people"} 1',
      'sync_lag_seconds{table="left.people"} 1.5',
      'sync_batch_size_count 1',
      'sync_in_flight 7',
      'sync_dead_letters 2',
      'sync_ingest_lag_records 3',
      'tandem_cache_reads_total{result="away"} 1',
      'tandem_endpoint_seconds_bucket{le="0.025",path="/people/:id",status="404"} 1',
    ]),
  );
  for (const name of Object.values(metricNames))
    expect(lines).toContainEqual(expect.stringMatching(`^# TYPE ${name} `));
});

test('the series of the declared tables exist before their first event', async () => {
  const metrics = createMetrics({ processMetrics: false });
  metrics.declareTables([table]);
  const lines = (await metrics.expose()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'sync_total{table="left.people",status="applied"} 0',
      'sync_lag_seconds{table="left.people"} 0',
    ]),
  );
});

test('two registries do not meet, and the process metrics are there', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.inFlight(5);
  expect(await other.expose()).toContain('sync_in_flight 0');
  expect(await other.expose()).toContain('process_resident_memory_bytes');
});
