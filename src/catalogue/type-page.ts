import { modelName } from '../derive/names.ts';
import type { Pii } from '../schema/ast.ts';
import { canonicalJson } from '../schema/canonical-json.ts';
import type { SchemaHistory } from '../schema/history.ts';
import { avroType } from './avro-type.ts';
import { curlCall, sampleQuery } from './calls.ts';
import { columnId, columns } from './columns.ts';
import type { Examples } from './examples.ts';
import { type CatalogueField, catalogueFields } from './fields.ts';
import { flow } from './flow.ts';
import { type Html, html } from './html.ts';
import { jsonForm } from './json-form.ts';
import { page, prose, table } from './page.ts';
import { versions } from './versions.ts';

/** The page of one event type. */
export function typePage(history: SchemaHistory, examples: Examples | undefined): string {
  const { eventType, newest } = history;
  const fields = catalogueFields(history);
  const body = html`<header>
<nav aria-label="Catalogue"><a href="../index.html">All event types</a></nav>
<h1>${eventType}</h1>
<p>${prose(newest.root.doc)}</p>
<nav aria-label="On this page">
<ul class="sections">${SECTIONS.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul>
</nav>
</header>
<main>
${facts(history)}
${section('flow', flow(history))}
${section('fields', fieldTable(fields))}
${section('versions', versions(history))}
${section('examples', exampleList(examples))}
${section('columns', columns(history))}
${section('use', calls(history, examples))}
</main>
`;
  return page({ title: `${eventType} - event types`, root: '../', body });
}

const SECTIONS = [
  ['flow', 'From HTTP to SQL'],
  ['fields', 'Fields'],
  ['versions', 'Versions'],
  ['examples', 'Examples'],
  ['columns', 'SQL columns'],
  ['use', 'Send and query'],
] as const;

function section(id: (typeof SECTIONS)[number][0], content: Html): Html {
  const [, title] = SECTIONS.find(([name]) => name === id)!;
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${content}
</section>`;
}

function facts({ eventType, newest, digest }: SchemaHistory): Html {
  const { eventId, eventTime, key } = newest.settings;
  const field = (name: string | undefined, otherwise: string) =>
    name === undefined ? otherwise : html`<a href="${fieldHref(`$.${name}`)}"><code>${name}</code></a>`;
  const entries: readonly (readonly [string, Html | string])[] = [
    ['Newest version', html`<a href="#v${newest.version}">${newest.version}</a>`],
    ['Avro record', html`<code>${newest.root.name}</code>`],
    ['Event id', field(eventId, 'the Event-Id header, or one that the edge makes')],
    ['Event time', field(eventTime, 'not declared')],
    ['Kafka key', field(key, 'none: events are spread over the partitions')],
    ['Request model', html`<code>${modelName(eventType)}</code>`],
    ['Contract', html`<code class="digest">${digest}</code>`],
  ];
  return html`<dl class="facts">
${entries.map(
  ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>
`,
)}</dl>`;
}

function fieldTable(fields: readonly CatalogueField[]): Html {
  return html`<p>Of the newest version. A field that is not required may be left out; its default is taken then.</p>
${table(
  'Fields of the newest version',
  ['Field', 'What it is', 'Avro type', 'JSON', 'Default', 'SQL column', 'Since'],
  fields.map((entry) => ({ id: fieldId(entry.path), cells: fieldCells(entry) })),
)}`;
}

function fieldCells({ path, field, column, since, personal, fieldsAt }: CatalogueField): Html[] {
  const isNullable = field.node.kind === 'union' && field.node.branches.some(({ kind }) => kind === 'null');
  return [
    html`<code>${path}</code> <span class="marks"><span class="mark">${
      field.default === undefined ? 'required' : 'optional'
    }</span>${isNullable ? html` <span class="mark">nullable</span>` : undefined}${
      personal === undefined ? undefined : html` <span class="mark warn">personal data, ${PERSONAL[personal]}</span>`
    }</span>`,
    html`${prose(field.doc)}${
      fieldsAt === undefined
        ? undefined
        : html` <span class="none">Its fields are listed under <code>${fieldsAt}</code>.</span>`
    }`,
    html`<code>${avroType(field.node)}</code>`,
    html`${jsonForm(field.node)}`,
    field.default === undefined
      ? html`<span class="none">none</span>`
      : html`<code>${canonicalJson(field.default)}</code>`,
    column === undefined
      ? html`<span class="none">its fields have columns</span>`
      : html`<a href="#${columnId(column.name)}"><code>${column.name}</code></a> <code>${column.type}</code>`,
    html`v${since}`,
  ];
}

/** What is found in Kafka and in the tables in the place of personal data. */
const PERSONAL: Readonly<Record<Pii, string>> = {
  hash: 'hashed before Kafka',
  drop: 'left out before Kafka',
  clear: 'readable',
};

function fieldId(path: string): string {
  return `field-${path}`;
}

function fieldHref(path: string): string {
  return `#${encodeURIComponent(fieldId(path))}`;
}

function exampleList(examples: Examples | undefined): Html {
  if (examples === undefined || examples.valid.length + examples.invalid.length === 0) {
    return html`<p>There is none: add an <code>examples.json</code> beside the versions of the schema.</p>`;
  }
  return html`${examples.valid.map(
    ({ name, since, body }) => html`<details>
<summary>${prose(name)} <span class="mark">since v${since}</span></summary>
${code(body)}
</details>
`,
  )}${examples.invalid.map(
    ({ name, body, faults }) => html`<details>
<summary>${prose(name)} <span class="mark warn">refused</span></summary>
${code(body)}
<ul>
${faults.map(
  ({ code, path }) => html`<li><code>${code}</code> at <code>${path}</code></li>
`,
)}</ul>
</details>
`,
  )}`;
}

function calls(history: SchemaHistory, examples: Examples | undefined): Html {
  const curl = curlCall(history, examples);
  return html`<h3>Send one event</h3>
${curl === undefined ? html`<p>No body can be written: its record holds itself without an end.</p>` : code(curl)}
<p>The answer is <code>202</code> once the event is durable. Many at once: <code>sluice send ${history.eventType} events.ndjson</code>.
Types and a client for TypeScript: <code>sluice schema types ${history.eventType}</code>.</p>
<h3>Query the latest</h3>
${code(sampleQuery(history))}
<p>On this machine: <code>sluice query "..."</code>; on AWS: Athena.</p>`;
}

/** It can be scrolled, so it can be reached by keyboard. */
function code(text: string): Html {
  return html`<pre tabindex="0"><code>${text}</code></pre>`;
}
