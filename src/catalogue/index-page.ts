import type { SchemaHistory } from '../schema/history.ts';
import { catalogueFields } from './fields.ts';
import { html } from './html.ts';
import { page, prose, table } from './page.ts';

/** Way from the index to the page of an event type. An event type is a legal file name, and may be called `index`. */
export function typePath(eventType: string): string {
  return `types/${eventType}.html`;
}

/** Shows the box, which would do nothing without it, and hides the rows that hold not every word that is typed. */
const FILTER = `
const box = document.getElementById('filter');
const state = document.getElementById('shown');
const rows = [...document.querySelectorAll('tbody tr')];
box.closest('p').hidden = false;
box.addEventListener('input', () => {
  const words = box.value.toLowerCase().split(/\\s+/);
  for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
  state.textContent = rows.filter((row) => !row.hidden).length + ' of ' + rows.length + ' shown';
});
`;

/** The list of all event types. */
export function indexPage(histories: readonly SchemaHistory[]): string {
  const rows = histories.map((history) => {
    const { eventType, newest } = history;
    const fields = catalogueFields(history);
    const personal = fields.filter((field) => field.personal !== undefined).length;
    return {
      cells: [
        html`<a href="${typePath(eventType)}">${eventType}</a>`,
        html`${prose(newest.root.doc)}`,
        html`v${newest.version}`,
        html`${fields.length}${
          personal === 0 ? undefined : html` <span class="mark warn">${personal} of personal data</span>`
        }`,
      ],
    };
  });
  const body = html`<header>
<h1>Event types</h1>
<p>What can be sent, what it means, and where it is found in SQL. Derived from the schemas.</p>
</header>
<main>
<p hidden="hidden"><label for="filter">Filter</label> <input id="filter" type="search" autocomplete="off" />
<span id="shown" role="status"></span></p>
${table('Event types', ['Event type', 'What it is', 'Newest version', 'Fields'], rows)}
</main>
`;
  return page({ title: 'Event types', root: '', body, script: FILTER });
}
