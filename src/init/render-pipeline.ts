import { declaredColumns } from './declared-columns.ts';
import type { Codec } from './pair-values.ts';
import type { Belief, EntityProposal, LiveSide, Note, Proposal } from './proposal.ts';

export interface Choices {
  /** Tables get Tandem's columns and triggers. Without them the first side wins what meets. */
  triggers: boolean;
}

/** From here on a guess stands without a comment. */
const sure = 0.95;

const quoted = (text: string) =>
  text.includes("'") ? JSON.stringify(text) : `'${text.replaceAll('\\', '\\\\')}'`;
const property = (name: string) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name));
const list = (texts: readonly string[]) => `[${texts.map(quoted).join(', ')}]`;
const indent = (lines: readonly string[]) => lines.map((line) => (line === '' ? '' : `  ${line}`));
const belief = ({ confidence, reason }: Belief) => `${confidence.toFixed(2)}: ${reason}`;

/** Comment lines, none wider than the file. */
function comment(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.replaceAll(/\s+/g, ' ').split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + word.length < 92) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(`// ${word}`);
  }
  return lines;
}

/** The text of a `pipeline.ts`: what a user would have written, with a comment wherever a guess is to be looked at. */
export function renderPipeline(proposal: Proposal, choices: Choices): string {
  const { name, sides, entities, leftOut } = proposal;
  const codecs = new Map(entities.flatMap(codecsOf));
  const body = [
    ...[...codecs].flatMap(([codec, values]) => [...codecLines(codec, values), '']),
    'export default definePipeline({',
    `  name: ${quoted(name)},`,
    '  sides: {',
    ...sides.map((side) => `    ${side.name}: ${side.engine}({ url: env(${quoted(side.urlVariable)}) }),`),
    '  },',
    '  entities: {',
    ...indent(indent(entities.flatMap((entity) => renderEntity(entity, proposal, choices)))),
    '  },',
    '});',
  ];
  const used = imports.filter((each) =>
    body.some((line) =>
      new RegExp(String.raw`\b${each}${each === 'z' ? String.raw`\.` : String.raw`\(`}`).test(line),
    ),
  );
  return [
    ...comment(
      'Written by `tandem init`, to be read and edited. A number says how sure a guess is, from 0 to 1; what has none is sure. After an edit run `tandem init` again in this folder: it keeps this file, and writes sql/ and debezium/ anew.',
    ),
    ...importLines(used),
    '',
    ...body,
    ...(leftOut.length > 0 ? ['', ...comment('In no entity:'), ...leftOut.flatMap(noteLines)] : []),
    '',
  ].join('\n');
}

const imports = [
  'array',
  'bits',
  'boolean',
  'bytes',
  'date',
  'decimal',
  'definePipeline',
  'double',
  'entity',
  'enumeration',
  'env',
  'integer',
  'json',
  'mysql',
  'postgres',
  'real',
  'table',
  'text',
  'time',
  'timestamp',
  'timestamptz',
  'uuid',
  'z',
];

function importLines(names: readonly string[]): string[] {
  const line = `import { ${names.join(', ')} } from 'tandem-sync';`;
  return line.length <= 110
    ? [line]
    : ['import {', ...names.map((name) => `  ${name},`), "} from 'tandem-sync';"];
}

const noteLines = ({ side, place, text }: Note) => comment(`- ${side}: ${place}: ${text}`);

function renderEntity(entity: EntityProposal, { sides }: Proposal, { triggers }: Choices): string[] {
  const { key, matchOn, columns, notes } = entity;
  const references = columns.filter((column) => column.references !== null);
  const lines = [
    'tables: {',
    ...indent(sides.flatMap((side, at) => renderTable(entity, side, at as 0 | 1))),
    '},',
    'columns: {',
    ...indent(columns.flatMap((column) => renderColumn(entity, column))),
    '},',
    ...(references.length > 0
      ? [
          `references: { ${references.map((each) => `${property(each.from)}: ${quoted(each.references!)}`).join(', ')} },`,
        ]
      : []),
    ...(key.strategy === 'generated' ? [] : [...unsure(key), `key: ${quoted(key.strategy)},`]),
    ...(triggers ? renderMatch(entity) : [`conflicts: ${quoted(`side:${sides[0].name}`)},`, 'clock: null,']),
    ...(triggers && !hasOwnSource(entity) ? [] : ['sourceColumn: null,']),
    ...notes.flatMap((note) =>
      comment(`${note.blocks ? 'TODO ' : 'Not mapped: '}${note.side}: ${note.place}: ${note.text}`),
    ),
  ];
  if ((matchOn === null || !triggers) && key.strategy === 'generated')
    lines.unshift(
      ...comment(
        'Nothing tells which rows of both sides are the same: what is on both already would be there twice.',
      ),
    );
  return [...comment(belief(entity)), `${entity.name}: entity({`, ...indent(lines), '}),'];
}

const unsure = (guess: Belief) => (guess.confidence < sure ? comment(belief(guess)) : []);

const renderMatch = ({ matchOn }: EntityProposal) =>
  matchOn === null ? [] : [...comment(belief(matchOn)), `matchOn: ${list(matchOn.columns)},`];

/** An app's own column `source` is not Tandem's to write. */
const hasOwnSource = ({ from, to }: EntityProposal): boolean =>
  [from, to].some(({ columns }) => columns.has('source') && !columns.has('sync_clock'));

function renderTable(entity: EntityProposal, side: LiveSide, at: 0 | 1): string[] {
  const live = [entity.from, entity.to][at]!;
  const name = live.schema === null || live.schema === 'public' ? live.name : `${live.schema}.${live.name}`;
  const columns = declaredColumns(entity, side, at).map(({ name: column, kind, labels, nullable }) => {
    const schema = labels ? `enumeration(${labels.map(quoted).join(', ')})` : `${kind}()`;
    return `${property(column)}: ${schema}${nullable ? '.nullable()' : ''},`;
  });
  if (live.key.join() === 'id') return [`${side.name}: table(${quoted(name)}, {`, ...indent(columns), '}),'];
  return [
    `${side.name}: table(`,
    ...indent([`${quoted(name)},`, '{', ...indent(columns), '},', `{ key: ${list(live.key)} },`]),
    '),',
  ];
}

function renderColumn(entity: EntityProposal, column: EntityProposal['columns'][number]): string[] {
  const { from, to, values } = column;
  const target = values.codec ? `[${quoted(to)}, ${codecName(entity, column)}]` : quoted(to);
  return [...unsure(column), `${property(from)}: ${target},`];
}

const codecName = (entity: EntityProposal, { from, values }: EntityProposal['columns'][number]): string => {
  if (values.codec?.type === 'utc') return values.codec.zoneless === 'first' ? 'withZone' : 'withoutZone';
  const words = `${entity.name}_${from}`.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const [first = 'codec', ...rest] = words.map((word) => word.toLowerCase());
  return [first, ...rest.map((word) => word[0]!.toUpperCase() + word.slice(1))].join('');
};

const codecsOf = (entity: EntityProposal): (readonly [string, Codec])[] =>
  entity.columns.flatMap((column) =>
    column.values.codec ? [[codecName(entity, column), column.values.codec] as const] : [],
  );

function codecLines(name: string, codec: Codec): string[] {
  if (codec.type === 'utc') {
    const [zoneless, zoned] = ['timestamp()', 'timestamptz()'];
    const [forth, back] = ['(time) => `${time}Z`', '(time) => time.slice(0, -1)'];
    const first = codec.zoneless === 'first';
    return [
      ...comment('Times without a zone are taken as UTC. Is that what the apps write?'),
      `const ${name} = z.codec(${first ? `${zoneless}, ${zoned}` : `${zoned}, ${zoneless}`}, {`,
      `  decode: ${first ? forth : back},`,
      `  encode: ${first ? back : forth},`,
      '});',
    ];
  }
  const ends = ([0, 1] as const).map((end) => codec.pairs.map((pair) => pair[end]));
  const map = (pairs: Codec & { type: 'labels' }, back: boolean) =>
    `{ ${pairs.pairs.map(([a, b]) => (back ? `${property(b)}: ${quoted(a)}` : `${property(a)}: ${quoted(b)}`)).join(', ')} }`;
  return [
    `const ${name} = z.codec(enumeration(${ends[0]!.map(quoted).join(', ')}), enumeration(${ends[1]!.map(quoted).join(', ')}), {`,
    `  decode: (label) => ((${map(codec, false)}) as const)[label],`,
    `  encode: (label) => ((${map(codec, true)}) as const)[label],`,
    '});',
  ];
}
