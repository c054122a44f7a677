import { describe, expect, test } from 'vitest';
import { AvroSource } from '../../src/codec/avro-source.ts';
import { type Codec, compileCodec } from '../../src/codec/codec.ts';
import { compileDecoder } from '../../src/codec/decode.ts';
import { readFrame } from '../../src/codec/framing.ts';
import type { SchemaHistory } from '../../src/schema/history.ts';
import { bodyOf, compileModel, examplesOf, HISTORIES, historyUpTo } from '../support/schemas.ts';

describe.each(HISTORIES.map((history) => [history.eventType, history] as const))('examples of %s', (_type, history) => {
  const examples = examplesOf(history.eventType);
  const valid = examples.valid.map((example) => [example.name, example] as const);
  const invalid = examples.invalid.map((example) => [example.name, example] as const);
  const stages = history.versions.map(({ version }) => {
    const upTo = historyUpTo(history, version);
    return { version, codec: compileCodec(upTo), violationsOf: compileModel(upTo) };
  });
  const newest = stages.at(-1)!;

  test('show both what is taken and what is refused, and every version', () => {
    expect(examples.invalid.length).toBeGreaterThan(0);
    expect(new Set(examples.valid.map(({ since }) => since))).toEqual(new Set(stages.map(({ version }) => version)));
  });

  test.each(valid)(
    '%s: taken by the version it came with and later ones, by no earlier one',
    (_name, { since, body }) => {
      for (const { version, codec, violationsOf } of stages) {
        expect.soft(faultsOf(codec, body).length === 0, `the codec of v${version}`).toBe(version >= since);
        if (version >= since) expect.soft(violationsOf(body), `the model of v${version}`).toEqual([]);
      }
    },
  );

  test.each(valid)('%s: reads the same whichever version wrote it', (_name, { since, body }) => {
    const written = stages.filter(({ version }) => version >= since).map(({ codec }) => rewrite(codec, body, history));
    for (const event of written) {
      expect(event).toEqual(written.at(-1));
      expect(faultsOf(newest.codec, event)).toEqual([]);
    }
  });

  test.each(invalid)('%s: refused with exactly these faults', (_name, { body, faults }) => {
    const sorted = (items: readonly { code: string; path: string }[]) => items.map((f) => `${f.path} ${f.code}`).sort();
    expect(sorted(faultsOf(newest.codec, body))).toEqual(sorted(faults));
  });
});

function faultsOf(codec: Codec, body: unknown) {
  const encoded = codec.encode(bodyOf(body));
  return encoded.ok ? [] : encoded.faults;
}

/** Writes a body as the newest version of `codec` and reads it as the newest version of `history`. */
function rewrite(codec: Codec, body: unknown, history: SchemaHistory): unknown {
  const encoded = codec.encode(bodyOf(body));
  if (!encoded.ok) throw new Error(JSON.stringify(encoded.faults));
  const decode = compileDecoder(codec.history.newest.root, history.newest.root);
  const { bytes, start } = readFrame(encoded.value);
  return JSON.parse(decode(new AvroSource(bytes, start)));
}
