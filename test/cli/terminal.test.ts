import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { printable, renderTable } from '../../src/cli/terminal.ts';

const render = (...args: Parameters<typeof renderTable>) => stripVTControlCharacters(renderTable(...args));

describe('a table', () => {
  const HEAD = ['id', 'place', 'cost'];
  const ROWS = [
    ['a', 'Tōkyō 🗼', '9.50'],
    ['b', null, '120.00'],
  ];

  test('has numbers to the right, decimals among them, and text to the left', () => {
    expect(render(HEAD, ROWS, 80).split('\n')).toEqual([
      '┌────┬──────────┬────────┐',
      '│ id │ place    │   cost │',
      '├────┼──────────┼────────┤',
      '│ a  │ Tōkyō 🗼 │   9.50 │',
      '│ b  │ null     │ 120.00 │',
      '└────┴──────────┴────────┘',
    ]);
  });

  test('that is wider than the terminal shows its rows one below the other', () => {
    expect(render(HEAD, ROWS, 26)).toContain('│ id │');
    expect(render(HEAD, ROWS, 25)).toBe(
      ['id     a', 'place  Tōkyō 🗼', 'cost   9.50', '', 'id     b', 'place  null', 'cost   120.00'].join('\n'),
    );
  });

  test('without rows has its head', () => {
    expect(render(HEAD, [], 80)).toContain('│ id │ place │ cost │');
  });

  test('cuts a long value, and never in the middle of a character', () => {
    expect(render(['v'], [['🗼'.repeat(150)]])).toContain(`│ ${'🗼'.repeat(99)}… │`);
    expect(render(['v'], [['x'.repeat(200)]])).toContain(`│ ${'x'.repeat(200)} │`);
  });

  test('has objects as JSON, on one line', () => {
    expect(render(['v'], [[{ list: [1, 'a\nb'] }]])).toContain(String.raw`│ {"list":[1,"a\nb"]} │`);
  });
});

describe('printable text', () => {
  test.for([
    ['an escape sequence', '\u001b[2J', String.raw`\u001b[2J`],
    ['an 8-bit one', '\u009b2J', String.raw`\u009b2J`],
    ['line breaks and tabs', 'a\r\n\tb', String.raw`a\r\n\tb`],
    ['DEL and NUL', '\u007f\0', String.raw`\u007f\u0000`],
    ['an override of the direction', 'abc\u202egnp.exe', String.raw`abc\u202egnp.exe`],
  ])('has %s spelt out', ([, text, expected]) => {
    expect(printable(text!)).toBe(expected);
  });

  test.for(['', 'Åse 😀 مرحبا', '{"a": "\\n"}'])('leaves "%s" as it is', (text) => {
    expect(printable(text)).toBe(text);
  });
});
