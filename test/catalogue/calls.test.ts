import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { curlCall } from '../../src/catalogue/calls.ts';
import { parseExamples } from '../../src/catalogue/examples.ts';
import { sampleBody } from '../../src/catalogue/sample-body.ts';
import { HOSTILE_TEXTS } from '../support/avro-arbitraries.ts';
import { historyOfFields } from '../support/histories.ts';
import { HISTORIES } from '../support/schemas.ts';

const NOTE = historyOfFields('a.note', [[{ name: 'note', type: 'string' }]]);
const examplesOf = (...bodies: readonly unknown[]) =>
  parseExamples(JSON.stringify({ valid: bodies.map((body, index) => ({ name: 'x', since: index + 1, body })) }));

/** The arguments that a shell makes of a command. */
function argumentsOf(command: string): string[] {
  const text = execFileSync('sh', ['-c', `curl() { printf '%s\\0' "$@"; }\n${command}`], { encoding: 'utf8' });
  return text.split('\0').slice(0, -1);
}

describe('the call that sends an event', () => {
  it('is one that a shell understands, with the body as it was', () => {
    for (const note of [...HOSTILE_TEXTS, `it's $HOME \`id\` $(id) "!" \\' '\\''`]) {
      const [option, url, header, type, data, body, ...more] = argumentsOf(curlCall(NOTE, examplesOf({ note }))!);
      expect([option, header, data, more]).toEqual(['-i', '-H', '-d', []]);
      expect(url).toBe('http://127.0.0.1:8080/events/a.note');
      expect(type).toBe('content-type: application/json');
      expect(JSON.parse(body!)).toEqual({ note });
    }
  });

  it('sends the example of the latest version, and of these the longest', () => {
    const call = curlCall(NOTE, examplesOf({ note: 'long, long ago' }, { note: 'now' }))!;
    expect(call).toContain('"now"');
    const both = { ...examplesOf({ note: 'now' }, { note: 'at once' }) };
    const same = { ...both, valid: both.valid.map((example) => ({ ...example, since: 1 })) };
    expect(curlCall(NOTE, same)).toContain('"at once"');
  });

  it('makes up a body where there is no example', () => {
    for (const history of HISTORIES) {
      const body = argumentsOf(curlCall(history, undefined)!).at(-1)!;
      expect(JSON.parse(body)).toEqual(sampleBody(history.newest.root));
    }
  });

  it('is none where no body can be written', () => {
    const endless = historyOfFields('a', [[{ name: 'self', type: 'Event' }]]);
    expect(curlCall(endless, undefined)).toBeUndefined();
  });
});
