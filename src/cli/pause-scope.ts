import { ConfigError } from '../errors/config-error.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { PauseScope } from '../temporal/pause.ts';

/** What `blog`, `blog/posts` or `blog/legacy` means; throws `ConfigError` where the pipeline has nothing of that name. */
export function scopeNamed({ name, entities, sides }: CompiledPipeline, text: string): PauseScope {
  const [, part] = text.split('/');
  if (part === undefined) return { kind: 'pipeline' };
  if (entities.includes(part)) return { kind: 'entity', entity: part };
  if (sides.has(part)) return { kind: 'side', side: part };
  const known = [...entities, ...sides.keys()].join(', ');
  throw new ConfigError([`${text}: ${name} has no entity or side of that name, only ${known}`]);
}
