import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';

/** Part of an object of Kubernetes: tests say by themselves what they expect to find. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Part = any;

export interface Manifest {
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  spec: Part;
  data?: Record<string, string>;
}

const patches = z
  .array(z.strictObject({ path: z.string(), target: z.strictObject({ kind: z.string() }).optional() }))
  .default([]);

const component = z.strictObject({
  apiVersion: z.literal('kustomize.config.k8s.io/v1alpha1'),
  kind: z.literal('Component'),
  patches,
});

const kustomization = z.strictObject({
  apiVersion: z.literal('kustomize.config.k8s.io/v1beta1'),
  kind: z.literal('Kustomization'),
  namespace: z.string().optional(),
  namePrefix: z.string().default(''),
  resources: z.array(z.string()),
  labels: z
    .array(
      z.strictObject({
        pairs: z.record(z.string(), z.string()),
        includeSelectors: z.literal(true),
        fields: z.array(z.strictObject({ kind: z.string(), path: z.string(), create: z.literal(true) })),
      }),
    )
    .default([]),
  images: z.array(z.strictObject({ name: z.string(), newTag: z.string() })).default([]),
  configMapGenerator: z
    .array(z.strictObject({ name: z.string(), literals: z.array(z.string()) }))
    .default([]),
  patches,
});

const read = (path: string) => readFileSync(path, 'utf8');

const documents = (path: string): Manifest[] =>
  parseAllDocuments(read(path)).map((document) => document.toJS() as Manifest);

/**
 * What `kubectl kustomize` makes of a folder, with these components, without the hash behind a ConfigMap's name. Throws for a
 * field it does not know.
 */
export function render(folder: string, ...components: string[]): Manifest[] {
  const wanted = kustomization.parse(parse(read(join(folder, 'kustomization.yaml'))));
  const rendered = wanted.resources.flatMap((name) =>
    name.endsWith('.yaml') ? documents(join(folder, name)) : render(join(folder, name)),
  );
  for (const { name, literals } of wanted.configMapGenerator)
    rendered.push({
      kind: 'ConfigMap',
      metadata: { name },
      spec: null,
      data: Object.fromEntries(literals.map((each) => [each.split('=', 1)[0]!, each.replace(/^.*?=/, '')])),
    });
  for (const own of components)
    applyTo(rendered, own, component.parse(parse(read(join(own, 'kustomization.yaml')))).patches);
  applyTo(rendered, folder, wanted.patches);
  const generated = wanted.configMapGenerator.map(({ name }) => name);
  for (const each of rendered) {
    if (wanted.namespace !== undefined) each.metadata.namespace = wanted.namespace;
    each.metadata.name = wanted.namePrefix + each.metadata.name;
    for (const { pairs, fields } of wanted.labels) {
      each.metadata.labels = { ...each.metadata.labels, ...pairs };
      const more = fields
        .filter(({ kind }) => kind === each.kind)
        .map(({ path }) => path.replaceAll('/', '.'));
      for (const path of [...(selected[each.kind] ?? []), ...more])
        for (const labels of partsAt(each, path.split('.'))) Object.assign(labels, pairs);
    }
    for (const container of containersOf(each)) {
      const image = wanted.images.find(({ name }) => name === container.image);
      if (image) container.image = `${image.name}:${image.newTag}`;
      for (const { configMapRef } of container.envFrom)
        if (generated.includes(configMapRef?.name)) configMapRef.name = wanted.namePrefix + configMapRef.name;
    }
  }
  return rendered;
}

function applyTo(rendered: readonly Manifest[], folder: string, all: z.output<typeof patches>): void {
  for (const { path, target } of all)
    for (const patch of documents(join(folder, path)))
      for (const each of rendered)
        if (each.kind === patch.kind && (target !== undefined || each.metadata.name === patch.metadata.name))
          merge(each.spec, patch.spec);
}

export const containersOf = ({ spec }: Manifest): Part[] => spec?.template?.spec?.containers ?? [];

/** Where labels select pods, or are those that are selected. */
const selected: Record<string, string[]> = {
  Deployment: [
    'spec.selector.matchLabels',
    'spec.template.metadata.labels',
    'spec.template.spec.topologySpreadConstraints.*.labelSelector.matchLabels',
  ],
  Job: ['spec.template.metadata.labels'],
  Service: ['spec.selector'],
  PodDisruptionBudget: ['spec.selector.matchLabels'],
  NetworkPolicy: ['spec.podSelector.matchLabels'],
};

const partsAt = (part: Part, [step, ...rest]: string[]): Part[] => {
  if (step === undefined) return [part];
  return step === '*' ? part.flatMap((each: Part) => partsAt(each, rest)) : partsAt(part[step], rest);
};

/** A strategic merge: maps by key, lists of named things by name. */
function merge(base: Part, patch: Part): void {
  for (const [key, value] of Object.entries<Part>(patch))
    if (Array.isArray(value)) {
      const there: Part[] = base[key] ?? [];
      const same = (item: Part) => there.find(({ name }) => name === item.name);
      for (const item of value) if (same(item)) merge(same(item), item);
      base[key] = [...value.filter((item) => !same(item)), ...there];
    } else if (typeof value === 'object') merge((base[key] ??= {}), value);
    else base[key] = value;
}
