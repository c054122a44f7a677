import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliResult, newFolder, sluice } from '../support/cli.ts';
import { SCHEMAS } from '../support/schemas.ts';
import { type Edge, openEdge } from './edge.ts';

const TYPE = 'aviation.flight';

let data = '';
let edge: Edge;

beforeAll(async () => {
  data = newFolder();
  edge = await openEdge(data);
});
afterAll(() => edge.close());

describe.concurrent('sluice send', () => {
  test.for([
    ['lines', (events: unknown[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('')],
    [
      'lines with CRLF, blank ones among them, and no end',
      (events: unknown[]) => events.map((event) => JSON.stringify(event)).join('\r\n\r\n'),
    ],
    ['a JSON array', (events: unknown[]) => JSON.stringify(events)],
    ['a JSON array over many lines', (events: unknown[]) => `\n ${JSON.stringify(events, null, 2)}\n`],
  ] as const)('takes events as %s, from a file and from standard input', async ([name, write]) => {
    const prefix = name.replaceAll(/[^a-z]/g, '');
    const ids = [1, 2, 3].map((n) => `${prefix}-${n}`);
    const text = write(ids.map(flight));
    const fromFile = await send(TYPE, fileOf(text), '--json');
    const fromInput = await sluice(['send', TYPE, '-', '--json', '--schemas', SCHEMAS, '--data', data], {
      input: text,
    });
    for (const result of [fromFile, fromInput]) {
      expect(result).toMatchObject({ exitCode: 0, stderr: '' });
      expect(result.json()).toEqual({ event_type: TYPE, sent: 3, accepted: 3, refused: 0, refusals: [] });
    }
    expect(
      sentIds()
        .filter((id) => id.startsWith(`${prefix}-`))
        .sort(),
    ).toEqual([...ids, ...ids].sort());
  });

  test('takes one object that is written over several lines', async () => {
    const result = await send(TYPE, fileOf(JSON.stringify(flight('pretty'), null, 2)), '--json');
    expect(result.json()).toMatchObject({ sent: 1, accepted: 1 });
    expect(edge.bodies(TYPE)).toContain(JSON.stringify(flight('pretty'), null, 2));
  });

  test('sends more events than one request holds, each once and in their order', async () => {
    const ids = Array.from({ length: 1_203 }, (_, n) => `many-${String(n).padStart(4, '0')}`);
    const result = await send(TYPE, fileOf(ids.map((id) => `${JSON.stringify(flight(id))}\n`).join('')), '--json');
    expect(result.json()).toMatchObject({ sent: 1_203, accepted: 1_203 });
    expect(sentIds().filter((id) => id.startsWith('many-'))).toEqual(ids);
  });

  test('takes the good events, lists the refused ones with their faults, and exits 1', async () => {
    const bad = { ...flight('bad'), delay_minutes: 'late', colour: 'red' };
    const lines = [JSON.stringify(flight('good-1')), JSON.stringify(bad), '{"id": ', JSON.stringify(flight('good-2'))];
    const result = await send(TYPE, fileOf(lines.join('\n')), '--json');
    expect(result.exitCode).toBe(1);
    const sent = result.json<{ refusals: { index: number; faults: { code: string; path: string }[] }[] }>();
    expect(sent).toMatchObject({ sent: 4, accepted: 2, refused: 2 });
    expect(sent.refusals.map(({ index }) => index)).toEqual([1, 2]);
    const faults = sent.refusals[0]!.faults.map(({ code, path }) => `${code} ${path}`);
    expect(faults.sort()).toEqual(['SLUICE_FIELD_UNKNOWN $.colour', 'SLUICE_TYPE $.delay_minutes']);
    expect(sent.refusals[1]).toMatchObject({ code: 'SLUICE_JSON_SYNTAX' });
    expect(sentIds()).toEqual(expect.arrayContaining(['good-1', 'good-2']));
    expect(sentIds()).not.toContain('bad');
  });

  test.for([
    ['an object that is broken', `{\n  "id": "broken",\n  "origin": \n`, 'SLUICE_JSON_SYNTAX'],
    ['an array that is broken', `[\n  ${JSON.stringify(flight('in-broken'))},\n  {"id": \n`, 'SLUICE_JSON_SYNTAX'],
    ['an event of 9 MiB', `{"id": "${'x'.repeat(9 * 1024 * 1024)}"}`, 'SLUICE_BODY_TOO_LARGE'],
    ['an event of 2 MiB', `{"id": "${'x'.repeat(2 * 1024 * 1024)}"}`, 'SLUICE_BODY_TOO_LARGE'],
  ] as const)('counts %s as one refused event', async ([, text, code]) => {
    const result = await send(TYPE, fileOf(text), '--json');
    expect(result.exitCode).toBe(1);
    expect(result.json()).toMatchObject({ sent: 1, accepted: 0, refused: 1, refusals: [{ index: 0, code }] });
  });

  test('takes the good items of an array that has an empty one', async () => {
    const items = [JSON.stringify(flight('item-1'), null, 2), '', JSON.stringify(flight('item-3'))];
    const result = await send(TYPE, fileOf(`[${items.join(',')}]`), '--json');
    expect(result.json()).toMatchObject({ sent: 3, accepted: 2, refused: 1, refusals: [{ index: 1 }] });
    expect(sentIds()).toEqual(expect.arrayContaining(['item-1', 'item-3']));
  });

  test('shows a person ten refusals, a line for each fault, counted from 1, and says how many more there are', async () => {
    const lines = Array.from({ length: 12 }, (_, n) => JSON.stringify({ ...flight(`x-${n}`), '\u001b[31m\u009b': 1 }));
    const { exitCode, stdout, stderr } = await send(TYPE, fileOf(lines.join('\n')));
    expect(exitCode).toBe(1);
    expect(stdout).toBe('12 sent, 0 accepted, 12 refused\n');
    expect(stderr).toContain('event 1: SLUICE_FIELD_UNKNOWN\n  $');
    expect(stderr).toContain('event 10: ');
    expect(stderr).not.toContain('event 11: ');
    expect(stderr).toContain('and 2 more');
    // Keys come from strangers too.
    expect(stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  });

  test('shows progress on standard error, so that standard output has the result alone', async () => {
    const { exitCode, stdout, stderr } = await send(TYPE, fileOf(JSON.stringify(flight('progress'))));
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '1 sent, 1 accepted, 0 refused\n' });
    expect(stderr).toBe(`${TYPE} 1\n`);
  });

  test('of an empty file sends nothing, and finds nothing wrong', async () => {
    expect(await send(TYPE, fileOf(''))).toMatchObject({
      exitCode: 0,
      stdout: '0 sent, 0 accepted, 0 refused\n',
      stderr: '',
    });
    expect((await send(TYPE, fileOf(' \n\n'), '--json')).json()).toMatchObject({ sent: 0 });
  });

  test('of an event type that has no schema exits 2', async () => {
    const result = await send('acme.order', fileOf('{}'), '--json');
    expect(result.exitCode).toBe(2);
    expect(result.json()).toMatchObject({ error: { code: 'SLUICE_EVENT_TYPE_UNKNOWN' } });
  });

  test.for([
    ['does not exist', (folder: string) => join(folder, 'nothing.ndjson')],
    ['is a folder', (folder: string) => folder],
  ] as const)('of a file that %s exits 2 and names it', async ([, fileIn]) => {
    const file = fileIn(newFolder());
    const { exitCode, stdout, stderr } = await send(TYPE, file);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^sluice: SLUICE_USAGE: /);
    expect(stderr).toContain(`${file} cannot be read`);
  });

  test('exits 2 where nothing runs, and says how to start it', async () => {
    const elsewhere = newFolder();
    const result = await sluice(['send', TYPE, fileOf('{}'), '--json', '--schemas', SCHEMAS, '--data', elsewhere]);
    expect(result.exitCode).toBe(2);
    const message = `nothing runs on ${elsewhere}; start it with "sluice up", or give --url`;
    expect(result.json()).toEqual({ error: { code: 'SLUICE_NOT_RUNNING', message, faults: [] } });
  });

  test.for([
    ['http://127.0.0.1:9', 'bad port'],
    ['http://127.0.0.1:65535', 'ECONNREFUSED'],
    ['not an address', 'Invalid URL'],
  ] as const)('exits 2 where %s does not answer', async ([url, why]) => {
    const { exitCode, stdout, stderr } = await send(TYPE, fileOf(JSON.stringify(flight('lost'))), '--url', url);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(`sluice: SLUICE_NOT_RUNNING: ${url}`);
    expect(stderr).toContain(why);
  });

  test('states the version that it is told, which is the only one to judge the events', async () => {
    const file = fileOf(JSON.stringify(flight('stated')));
    expect((await send(TYPE, file, '--schema-version', '1', '--json')).json()).toMatchObject({ accepted: 1 });
    const unknown = await send(TYPE, file, '--schema-version', '99', '--json');
    expect(unknown.exitCode).toBe(1);
    expect(unknown.json()).toMatchObject({ accepted: 0, refusals: [{ code: 'SLUICE_VERSION_UNKNOWN' }] });
    const none = await send(TYPE, file, '--schema-version', 'latest', '--json');
    expect(none.exitCode).toBe(1);
    expect(none.json()).toMatchObject({ refusals: [{ code: 'SLUICE_VERSION_UNKNOWN' }] });
  });

  test('sends to the address that it is given', async () => {
    const flags = ['--json', '--data', newFolder(), '--url', `${edge.url}/`];
    const result = await sluice(['send', TYPE, fileOf(JSON.stringify(flight('by-url'))), ...flags]);
    expect(result.json()).toMatchObject({ accepted: 1 });
    expect(sentIds()).toContain('by-url');
  });
});

function send(type: string, file: string, ...flags: string[]): Promise<CliResult> {
  return sluice(['send', type, file, '--schemas', SCHEMAS, '--data', data, ...flags]);
}

/** A flight as the schema wants it. */
function flight(id: string) {
  return { id, origin: 'SFO', destination: 'JFK', delay_minutes: 3, distance_miles: 2_586, attributes: {} };
}

function sentIds(): string[] {
  return edge.bodies(TYPE).map((body) => (JSON.parse(body) as { id: string }).id);
}

function fileOf(text: string): string {
  const file = join(newFolder(), 'events');
  writeFileSync(file, text);
  return file;
}
