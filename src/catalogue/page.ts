import { createHash } from 'node:crypto';
import { type Html, html } from './html.ts';

/** What says of a page that it was generated. */
export const PAGE_MARK = '<meta name="generator" content="sluice schema docs" />';

/** Name of the style sheet, beside the index. */
export const STYLE_FILE = 'style.css';

export interface PageParts {
  readonly title: string;
  /** Way from the page to the folder of the index: empty, or `../`. */
  readonly root: '' | '../';
  readonly body: Html;
  /** Script of the page; the only one that runs. */
  readonly script?: string;
}

/** A page as text: HTML that is well-formed XML, too. */
export function page({ title, root, body, script }: PageParts): string {
  const head = html`<title>${title}</title>
<link rel="stylesheet" href="${root}${STYLE_FILE}" />
</head>
<body>
${body}`;
  // What a page embeds of a schema is escaped. If it were not, the policy would still let none of it run.
  const hash = script === undefined ? undefined : createHash('sha256').update(script).digest('base64');
  const policy = `script-src ${hash === undefined ? `'none'` : `'sha256-${hash}'`}; object-src 'none'; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8" />
${PAGE_MARK}
<meta http-equiv="Content-Security-Policy" content="${policy}" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
${head}
${script === undefined ? '' : `<script>${script}</script>\n`}</body>
</html>
`;
}

/**
 * A table that turns into a list of cards where there is little room. Its roles are said, since a browser forgets them
 * with the layout.
 *
 * @param rows cells, with an id for the row where something leads to it.
 */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly { readonly id?: string; readonly cells: readonly Html[] }[],
): Html {
  return html`<table role="table">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${head.map((name) => html`<th scope="col" role="columnheader">${name}</th>`)}</tr></thead>
<tbody role="rowgroup">
${rows.map(
  ({ id, cells }) => html`<tr role="row"${id === undefined ? undefined : html` id="${id}"`}>${cells.map(
    (cell, index) =>
      index === 0
        ? html`<th scope="row" role="rowheader">${cell}</th>`
        : html`<td role="cell" data-label="${head[index]!}">${cell}</td>`,
  )}</tr>
`,
)}</tbody>
</table>`;
}

/** Text of people, with its lines as they were; its direction is its own and ends with it. */
export function prose(text: string | undefined): Html | undefined {
  return text === undefined || text === '' ? undefined : html`<bdi class="prose">${text}</bdi>`;
}
