import type { EntityReport, VerifyStatus } from '../temporal/verify.ts';
import { comparedRows, foundRows, writeText } from '../temporal/verify-report.ts';
import { number } from './progress-text.ts';
import { pairText, valueText, verifySummary } from './verify-view.ts';

const style = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1d2430; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #dde2ea; vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
code { font: 13px ui-monospace, monospace; background: #f3f5f8; padding: 0 .25rem; border-radius: 3px; }
.good { color: #12703a; } .bad { color: #b3261e; }
`;

/** The report as one page that needs nothing else. */
export function verifyHtml(status: VerifyStatus): string {
  const { pipeline, startedAt, endedAt, entities, planned, plannedMore } = status;
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(pipeline)}: comparison of ${escaped(startedAt)}</title><style>${style}</style>
<h1>${escaped(pipeline)}</h1>
<p>${escaped(verifySummary(status))}<br>${escaped(startedAt)} to ${escaped(endedAt ?? 'now')}</p>
${table(
  ['entity', 'rows|n', 'mappings|n', 'settled|n', 'still moving|n', 'wrong|n', 'repaired|n'],
  entities.map((report) => [
    escaped(report.entity),
    ...[comparedRows(report), report.mappings, report.settled, report.moving].map(number),
    `<span class="${foundRows(report) === 0 ? 'good' : 'bad'}">${number(foundRows(report))}</span>`,
    number(report.repaired),
  ]),
)}
${entities
  .filter((report) => foundRows(report) > 0)
  .map(entityHtml)
  .join('\n')}
${planned.length === 0 ? '' : `<h2>A repair would write</h2>${list(planned.map(writeText), plannedMore)}`}
</html>
`;
}

const entityHtml = (report: EntityReport): string => `<h2>${escaped(report.entity)}</h2>
${table(
  ['what is wrong', 'rows|n', 'for example'],
  Object.entries(report.found).map(([kind, { rows, examples }]) => [
    escaped(kind),
    number(rows),
    examples.map((example) => `<code>${escaped(pairText(report, example))}</code>`).join('<br>'),
  ]),
)}
${table(
  ['column', 'rows|n', 'for example', escaped(`${report.side}, mapped`), escaped(report.other)],
  Object.entries(report.columns).map(([column, { rows, examples }]) => [
    escaped(column),
    number(rows),
    lines(examples.map((example) => pairText(report, example))),
    lines(examples.map(({ value }) => (value ? valueText(value.expected) : ''))),
    lines(examples.map(({ value }) => (value ? valueText(value.held) : ''))),
  ]),
)}
${table(
  ['not repaired', 'rows|n'],
  Object.entries(report.left).map(([why, rows]) => [escaped(why), number(rows)]),
)}`;

const lines = (texts: readonly string[]) => texts.map((text) => `<code>${escaped(text)}</code>`).join('<br>');

const list = (texts: readonly string[], more: number): string =>
  `<ul>${texts.map((text) => `<li><code>${escaped(text)}</code></li>`).join('')}${more === 0 ? '' : `<li>… and ${number(more)} more</li>`}</ul>`;

/** A head of `name|n` is of numbers. Nothing without rows. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const kind = (index: number) => (heads[index]?.endsWith('|n') ? ' class="n"' : '');
  const head = heads.map((name, index) => `<th${kind(index)}>${name.replace(/\|n$/, '')}</th>`).join('');
  const body = rows.map(
    (cells) => `<tr>${cells.map((cell, index) => `<td${kind(index)}>${cell}</td>`).join('')}</tr>`,
  );
  return `<table><tr>${head}</tr>${body.join('\n')}</table>`;
}

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
