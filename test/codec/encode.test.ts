import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AvroSource } from '../../src/codec/avro-source.ts';
import { compileDecoder } from '../../src/codec/decode.ts';
import { compileEncoder, EncodeContext } from '../../src/codec/encode.ts';
import { parseBody } from '../../src/codec/json-body.ts';
import { parseSchema } from '../../src/schema/ast.ts';
import { avscType, isBack, jsonText, schemaSample } from '../support/avro-arbitraries.ts';

function encode(schema: unknown, body: string) {
  const context = new EncodeContext();
  const parsed = parseBody(Buffer.from(body));
  if (!parsed.ok) throw new Error(parsed.faults[0]!.advice);
  compileEncoder(parseSchema(schema))(parsed.value, context);
  return { bytes: context.sink.copyFrom(0), faults: context.faults, keys: context.keys, textKeys: parsed.keys };
}

test('bytes are those of avsc', () => {
  fc.assert(
    fc.property(schemaSample, ({ schema, sent, avro: value, back }) => {
      const { bytes, faults, keys, textKeys } = encode(schema, jsonText(sent));
      expect(faults).toEqual([]);
      expect(keys).toBe(textKeys);
      expect(bytes.toString('hex')).toBe(avscType(schema).toBuffer(value).toString('hex'));
      const root = parseSchema(schema);
      const source = new AvroSource(bytes, 0);
      const t = compileDecoder(root, root)(source);
      source.expectEnd();
      expect(isBack(JSON.parse(t), back), t).toBe(true);
    }),
    { numRuns: 500 },
  );
});
