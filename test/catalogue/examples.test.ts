import { describe, expect, it } from 'vitest';
import { parseExamples } from '../../src/catalogue/examples.ts';

describe('examples', () => {
  it('keep every digit of their numbers', () => {
    const body = '{"long":9223372036854775807,"exact":1.10,"huge":1e400,"zero":-0}';
    const text = `{"valid":[{"name":"digits","since":2,"body":${body}}]}`;
    const [example] = parseExamples(text).valid;
    expect(example).toMatchObject({ name: 'digits', since: 2 });
    expect(example!.body.replace(/\s/g, '')).toBe(body);
  });

  it('may be of one kind only, bodies of any type among them', () => {
    expect(parseExamples('{}')).toEqual({ valid: [], invalid: [] });
    expect(parseExamples('{"invalid":[{"name":"n","body":null}, {"name":"m","body":1}]}').invalid).toEqual([
      { name: 'n', body: 'null', faults: [] },
      { name: 'm', body: '1', faults: [] },
    ]);
  });

  it.each([
    ['', 'JSON'],
    ['1', 'the document must be an object'],
    ['{"valid":1}', 'valid must be an array'],
    ['{"valid":[1]}', 'valid[0] must be an object'],
    ['{"valid":[{"body":1}]}', 'valid[0].name must be a text'],
    ['{"invalid":[{"name":"n","body":1,"faults":["x"]}]}', 'a fault of invalid[0] must be an object'],
    ['{"invalid":[{"name":"n","body":1,"faults":[{"code":"x"}]}]}', 'path must be a text'],
  ])('that are not as they should be are refused by name: %s', (text, message) => {
    expect(() => parseExamples(text)).toThrow(message);
  });
});
