import { type Change, changesBetween } from '../compatibility/changes.ts';
import { fieldsOf } from '../compatibility/walk.ts';
import type { RefusedVersion, SchemaHistory, SchemaVersion } from '../schema/history.ts';
import { type Html, html } from './html.ts';
import { prose, table } from './page.ts';

const WORDS: Readonly<Record<Change['change'], string>> = {
  added: 'added',
  removed: 'removed',
  renamed: 'renamed',
  type: 'type',
  default: 'default',
  doc: 'documentation',
  pii: 'personal data',
  name: 'name of the record',
  setting: 'setting',
};

/** Every version with what it changed, newest first; refused ones with the rule that they break. */
export function versions(history: SchemaHistory): Html {
  const sections = [
    ...history.versions.map((version, index) => ({
      version: version.version,
      section: section(version, history.versions[index - 1]),
    })),
    ...history.refused.map((refused) => ({ version: refused.version, section: refusal(refused) })),
  ];
  return html`${sections.sort((a, b) => b.version - a.version).map(({ section }) => section)}`;
}

function section(version: SchemaVersion, before: SchemaVersion | undefined): Html {
  const title = html`<h3 id="v${version.version}">Version ${version.version}</h3>`;
  if (before === undefined) {
    const count = [...fieldsOf(version.root)].length;
    return html`${title}
<p>The first version, of ${count} ${count === 1 ? 'field' : 'fields'}.</p>
`;
  }
  const changes = changesBetween(before, version);
  if (changes.length === 0)
    return html`${title}
<p>Nothing is different from version ${before.version}.</p>
`;
  return html`${title}
${table(
  `What version ${version.version} changed`,
  ['Field', 'Change', `Version ${before.version}`, `Version ${version.version}`],
  changes.map((change) => ({
    cells: [
      html`<code>${change.path}</code>`,
      html`${WORDS[change.change]}`,
      value(change, change.before),
      value(change, change.after),
    ],
  })),
)}
`;
}

function value({ change }: Change, text: string | null): Html {
  if (text === null) return html`<span class="none">none</span>`;
  return change === 'doc' ? html`${prose(text)}` : html`<code>${text}</code>`;
}

function refusal({ version, reason }: RefusedVersion): Html {
  return html`<h3 id="v${version}">Version ${version} <span class="mark warn">refused</span></h3>
<p>Nothing is derived from it: ${prose(reason)}</p>
`;
}
