import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, visible } from '../../src/catalogue/html.ts';
import { text } from '../support/avro-arbitraries.ts';

describe('a piece of a page', () => {
  it('escapes texts, takes pieces as they are, and leaves out what is undefined', () => {
    const inner = html`<b>${'<i> & "x" \'y\''}</b>`;
    expect(String(html`<p title="${'"'}">${inner}${undefined}${[inner, 1, 'a']}</p>`)).toBe(
      '<p title="&quot;"><b>&lt;i&gt; &amp; &quot;x&quot; &#39;y&#39;</b>' +
        '<b>&lt;i&gt; &amp; &quot;x&quot; &#39;y&#39;</b>1a</p>',
    );
  });
});

describe('a text to be seen', () => {
  it('has escapes where nothing would be seen, and keeps the rest', () => {
    expect(visible('\u202eabc\u200b\u0000\ufeff\ud800 é 😀 مرحبا\t\r\n.')).toBe(
      '\\u202eabc\\u200b\\u0000\\ufeff\\ud800 é 😀 مرحبا\t\n.',
    );
  });

  it('is the same JSON where it stood in JSON', () => {
    const property = fc.property(text, (value) => {
      expect(JSON.parse(visible(JSON.stringify(value)))).toBe(value);
    });
    fc.assert(property, { numRuns: 500 });
  });
});
