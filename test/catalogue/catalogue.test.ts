import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CatalogueEntry, deriveCatalogue } from '../../src/catalogue/catalogue.ts';
import { parseExamples } from '../../src/catalogue/examples.ts';
import { catalogueFields } from '../../src/catalogue/fields.ts';
import { visible } from '../../src/catalogue/html.ts';
import { changesBetween } from '../../src/compatibility/changes.ts';
import { fieldsOf } from '../../src/compatibility/walk.ts';
import { deriveLayout } from '../../src/derive/layout.ts';
import {
  allRowsViewName,
  objectPrefix,
  rawTableName,
  subjectName,
  topicName,
  viewName,
} from '../../src/derive/names.ts';
import { tableColumns } from '../../src/derive/table-columns.ts';
import { openSql } from '../../src/local/sql/sql.ts';
import { type SchemaHistory, schemaHistory, schemaVersion } from '../../src/schema/history.ts';
import { EVERYTHING } from '../derive/everything.ts';
import { evolution, HOSTILE_TEXTS, text } from '../support/avro-arbitraries.ts';
import { historyOfFields } from '../support/histories.ts';
import { HISTORIES, historyOf, SCHEMAS } from '../support/schemas.ts';
import { type Element, elementsOf, parseStrictly, rowsOf, textOf } from '../support/strict-html.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const examplesOf = (eventType: string) => parseExamples(readFileSync(`${SCHEMAS}${eventType}/examples.json`, 'utf8'));
const bare = (histories: readonly SchemaHistory[]): CatalogueEntry[] =>
  histories.map((history) => ({ history, examples: undefined }));
const ENTRIES: readonly CatalogueEntry[] = [
  ...HISTORIES.map((history) => ({ history, examples: examplesOf(history.eventType) })),
  ...bare([EVERYTHING, historyOfFields('index', [[]])]),
];
const PAGES = new Map([...deriveCatalogue(ENTRIES)].map(([path, page]) => [path, parseStrictly(page)]));
const pageOf = (eventType: string) => PAGES.get(`types/${eventType}.html`)!;
const only = (history: SchemaHistory) =>
  parseStrictly(deriveCatalogue(bare([history])).get(`types/${history.eventType}.html`)!);
const shown = (value: string) => visible(value).replace(/\s+/g, ' ').trim();
const flat = (page: Element) => textOf(page).replace(/\s+/g, ' ');
const attributesOf = (page: Element, name: string) =>
  [...elementsOf(page)].flatMap(({ attributes }) => attributes.get(name) ?? []);
const TYPES = ENTRIES.map(({ history }) => history.eventType);

describe('the catalogue', () => {
  it('has an index and a page for each event type, also for one called index', () => {
    expect([...PAGES.keys()]).toEqual(['index.html', ...TYPES.map((type) => `types/${type}.html`)]);
  });

  it('is the same each time', () => {
    expect(deriveCatalogue(ENTRIES)).toEqual(deriveCatalogue(ENTRIES));
  });

  it('has links that lead somewhere, within it alone', () => {
    for (const [path, page] of PAGES) {
      const ids = attributesOf(page, 'id');
      expect(new Set(ids).size).toBe(ids.length);
      for (const name of ['href', 'src', 'aria-labelledby', 'for']) {
        for (const value of attributesOf(page, name)) {
          const link = name === 'href' || name === 'src' ? value : `#${value}`;
          const [file, fragment] = link.split('#') as [string, string | undefined];
          if (file !== '') expect([...PAGES.keys(), 'style.css']).toContain(posix.join(posix.dirname(path), file));
          if (fragment !== undefined) expect(ids).toContain(decodeURIComponent(fragment));
        }
      }
    }
  });

  it('needs nothing from elsewhere: no address of another host is loaded, and one script runs', () => {
    for (const [path, page] of PAGES) {
      const elements = [...elementsOf(page)];
      expect(elements.filter(({ name }) => ['img', 'iframe', 'object', 'form', 'base'].includes(name))).toEqual([]);
      const scripts = elements.filter(({ name }) => name === 'script').map(textOf);
      expect(scripts).toHaveLength(path === 'index.html' ? 1 : 0);
      const [allowed] = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
      expect(attributesOf(page, 'content')).toContainEqual(
        expect.stringContaining(`script-src ${allowed ?? "'none'"};`),
      );
      expect(attributesOf(page, 'style')).toEqual([]);
      expect(elements.flatMap(({ attributes }) => [...attributes.keys()]).filter((name) => /^on/.test(name))).toEqual(
        [],
      );
    }
    const style = readFileSync(new URL('../../src/catalogue/style.css', import.meta.url), 'utf8');
    expect(style).not.toMatch(/url\(|@import/);
    expect(style).toContain('prefers-color-scheme: dark');
  });

  it('is read by those who do not see: language, one main part, headings in order, cells with a heading', () => {
    for (const page of PAGES.values()) {
      const elements = [...elementsOf(page)];
      expect(elements.find(({ name }) => name === 'html')!.attributes.get('lang')).toBe('en');
      expect(elements.filter(({ name }) => name === 'main')).toHaveLength(1);
      const levels = elements.flatMap(({ name }) => (/^h[1-6]$/.test(name) ? [Number(name[1])] : []));
      expect(levels[0]).toBe(1);
      levels.slice(1).forEach((level, index) => {
        expect(level).toBeGreaterThan(1);
        expect(level).toBeLessThanOrEqual(levels[index]! + 1);
      });
      for (const table of elements.filter(({ name }) => name === 'table')) {
        const heads = [...elementsOf(table)].filter(({ attributes }) => attributes.get('scope') === 'col');
        for (const row of [...elementsOf(table)].filter(({ name }) => name === 'tr'))
          expect(row.children).toHaveLength(heads.length);
      }
    }
  });
});

describe('the index', () => {
  it('lists each event type with its doc, newest version and number of fields', () => {
    expect(rowsOf(PAGES.get('index.html')!, 'Event types')).toEqual(
      ENTRIES.map(({ history }) => [
        history.eventType,
        shown(history.newest.root.doc ?? ''),
        `v${history.newest.version}`,
        String(catalogueFields(history).length),
      ]),
    );
  });

  it('says which event types have personal data', () => {
    const inner = { type: 'record', name: 'Inner', fields: [{ name: 'street', type: 'string' }] };
    const history = historyOfFields('a', [
      [
        { name: 'mail', type: 'string', pii: 'hash' },
        { name: 'phone', type: 'string', default: '', pii: 'drop' },
        { name: 'places', type: { type: 'array', items: inner }, pii: 'clear' },
        { name: 'size', type: 'int' },
      ],
    ]);
    const index = parseStrictly(deriveCatalogue(bare([history])).get('index.html')!);
    expect(rowsOf(index, 'Event types')[0]![3]).toBe('5 4 of personal data');
    expect(rowsOf(only(history), 'Fields of the newest version').map(([name]) => name)).toEqual([
      '$.mail required personal data, hashed before Kafka',
      '$.phone optional personal data, left out before Kafka',
      '$.places required personal data, readable',
      '$.places[].street required personal data, readable',
      '$.size required',
    ]);
  });
});

describe('the page of an event type', () => {
  it.each(TYPES)('of %s shows every field of the newest version with its doc', (eventType) => {
    const { history } = ENTRIES.find((entry) => entry.history.eventType === eventType)!;
    const rows = rowsOf(pageOf(eventType), 'Fields of the newest version');
    for (const { field } of fieldsOf(history.newest.root)) {
      const own = rows.filter(([name]) => name!.split(' ')[0]!.endsWith(`.${field.name}`));
      expect(own.map(([, doc]) => doc)).toContainEqual(expect.stringContaining(shown(field.doc ?? '')));
    }
  });

  it.each(TYPES)('of %s shows every column of the table, in its order and with its type', (eventType) => {
    const { history } = ENTRIES.find((entry) => entry.history.eventType === eventType)!;
    const rows = rowsOf(pageOf(eventType), 'Columns of the table and its views');
    const expected = tableColumns(deriveLayout(history)).map(({ name, type }, position) => [
      name,
      String(position),
      expect.stringMatching(new RegExp(`^${type.replace(/[()]/g, '\\$&')}( |$)`)),
    ]);
    expect(rows.map((row) => row.slice(0, 3))).toEqual([...expected, ['dt', 'key', 'date'], ['hour', 'key', 'int']]);
  });

  it('shows a field whole: type, JSON form, default, column, first version', () => {
    const rows = rowsOf(pageOf('seismic.earthquake'), 'Fields of the newest version');
    const row = (path: string) => rows.find(([name]) => name!.startsWith(`${path} `))!;
    expect(row('$.location.utc_offset_minutes')).toEqual([
      '$.location.utc_offset_minutes optional nullable',
      'Local time at the epicentre less UTC, in minutes (tz)',
      'null | int',
      'number or null. Whole number of 32 bits.',
      'null',
      'location_utc_offset_minutes int',
      'v2',
    ]);
    expect(row('$.occurred_at').slice(2)).toEqual([
      'long, timestamp-millis',
      'number or text. Instant: RFC 3339 text, or milliseconds since 1970-01-01T00:00:00Z.',
      'none',
      'occurred_at timestamp',
      'v1',
    ]);
    expect(row('$.status')[3]).toBe('text. One of automatic, reviewed, deleted');
    expect(row('$.location')[5]).toBe('its fields have columns');
  });

  it('shows what each version changed, newest first', () => {
    const { versions } = historyOf('seismic.earthquake');
    const page = pageOf('seismic.earthquake');
    const headings = [...elementsOf(page)].filter(({ name }) => name === 'h3').map(textOf);
    expect(headings.slice(0, 2)).toEqual(['Version 2', 'Version 1']);
    const rows = rowsOf(page, 'What version 2 changed');
    const changes = changesBetween(versions[0]!, versions[1]!);
    expect(changes.length).toBeGreaterThan(5);
    expect(rows).toEqual(
      changes.map(({ path, before, after }) => [
        path,
        expect.any(String),
        shown(before ?? 'none'),
        shown(after ?? 'none'),
      ]),
    );
  });

  it('names a version that was refused, and why', () => {
    const { versions } = historyOfFields('a', [[]]);
    const reason = '$.x: <b>gone</b> (API_FIELD_KEPT)';
    const history = schemaHistory('a', versions, [{ version: 2, ids: {}, root: undefined, reason }]);
    expect(flat(only(history))).toContain(`Version 2 refused Nothing is derived from it: ${reason}`);
  });

  it('shows each example, those that are refused with their faults', () => {
    for (const { history, examples } of ENTRIES) {
      if (examples === undefined) continue;
      const page = textOf(pageOf(history.eventType));
      for (const { name, body } of [...examples.valid, ...examples.invalid]) {
        expect(page).toContain(visible(name));
        expect(page).toContain(visible(body));
      }
      for (const { code, path } of examples.invalid.flatMap(({ faults }) => faults)) {
        expect(flat(pageOf(history.eventType))).toContain(`${code} at ${path}`);
      }
    }
  });

  it.each(TYPES)('of %s names what the event is called on its way', (eventType) => {
    const page = flat(pageOf(eventType));
    for (const name of [
      `POST /events/${eventType}`,
      topicName(eventType),
      subjectName(eventType),
      `s3://BUCKET/${objectPrefix(eventType)}dt=.../hour=.../`,
      rawTableName(eventType),
      allRowsViewName(eventType),
      viewName(eventType),
    ])
      expect(page).toContain(name);
  });

  it('has a query that the tables answer, whatever fields and types are called', async () => {
    const odd = historyOfFields('order', [
      [
        { name: 'select', type: 'int' },
        { name: 'Group', type: { type: 'array', items: 'int' } },
        { name: 'hour', type: 'int' },
      ],
    ]);
    const histories = [...ENTRIES.map(({ history }) => history), odd];
    const sql = await openSql({ objectsDir: temporaryFolder(), histories });
    try {
      for (const history of histories) {
        const blocks = [...elementsOf(only(history))].filter(({ name }) => name === 'pre').map(textOf);
        expect(await sql.query(blocks.at(-1)!)).toMatchObject({ rows: [] });
      }
    } finally {
      await sql.close();
    }
  });
});

describe('texts of a schema', () => {
  const NASTY = [
    ...HOSTILE_TEXTS,
    '<script>alert(1)</script>',
    '</bdi></td></table><img src=x onerror=alert(1)>',
    `" onmouseover="alert(1)" x='`,
    '&lt;b&gt; &amp; &#39; &copy',
    '\u202egnp.exe\u202c \u2066x\u2069 \u200b \u200f',
    ']]> --> <!-- <![CDATA[ <?php ?>',
    'first\r\nsecond\u2028third\u0000\u001b[31m',
    '\ud800 half \udfff',
  ];
  const hostile = (doc: string): SchemaHistory => {
    const version = (number: number, more: string) =>
      schemaVersion('a.b', number, {
        type: 'record',
        name: 'E',
        doc: doc + more,
        fields: [
          {
            name: 'x',
            type: { type: 'map', values: { type: 'enum', name: 'S', symbols: ['a'], doc } },
            doc: more + doc,
            default: { [doc]: 'a' },
          },
          { name: 'y', type: 'string', default: doc },
        ],
      });
    return schemaHistory('a.b', [version(1, ''), version(2, '!')]);
  };
  const check = (doc: string) => {
    const examples = parseExamples(
      JSON.stringify({
        valid: [{ name: doc, since: 1, body: { x: { [doc]: doc } } }],
        invalid: [{ name: doc, body: doc, faults: [{ code: doc, path: doc }] }],
      }),
    );
    const [index, page] = [...deriveCatalogue([{ history: hostile(doc), examples }]).values()].map(parseStrictly);
    // As text they are all there, and nothing but text.
    for (const found of [index!, page!]) expect(textOf(found)).toContain(visible(`${doc}!`));
    const names = (element: Element) => [...elementsOf(element)].map(({ name }) => name);
    const plain = [...deriveCatalogue([{ history: hostile('plain'), examples }]).values()].map(parseStrictly);
    expect(names(index!)).toEqual(names(plain[0]!));
    expect(new Set(names(page!))).toEqual(new Set(names(plain[1]!)));
  };

  it.each(NASTY.map((doc) => [JSON.stringify(doc), doc]))('are shown and do nothing: %s', (_name, doc) => check(doc));

  it('are shown and do nothing, whatever they are', () => {
    fc.assert(
      fc.property(text, (doc) => check(doc)),
      { numRuns: 200 },
    );
  });
});

it('pages of any schemas are well-formed, and show each field and column', () => {
  const property = fc.property(evolution, ({ writer, reader }) => {
    const history = schemaHistory('a.b', [schemaVersion('a.b', 1, writer), schemaVersion('a.b', 2, reader)]);
    let columns: string[];
    try {
      columns = tableColumns(deriveLayout(history)).map(({ name }) => name);
    } catch {
      // Two columns of one name: no table, and no event type.
      return;
    }
    const page = only(history);
    const ids = attributesOf(page, 'id');
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => id.startsWith('column-'))).toEqual(
      [...columns, 'dt', 'hour'].map((name) => `column-${name}`),
    );
    const shownFields = rowsOf(page, 'Fields of the newest version').map(([name]) =>
      name!.split(' ')[0]!.split('.').at(-1),
    );
    for (const { field } of fieldsOf(history.newest.root)) expect(shownFields).toContain(field.name);
  });
  fc.assert(property, { numRuns: 200 });
}, 30_000);
