import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AvroSource } from '../../src/codec/avro-source.ts';
import { compileCodec } from '../../src/codec/codec.ts';
import { compileDecoder } from '../../src/codec/decode.ts';
import { compileEncoder, EncodeContext } from '../../src/codec/encode.ts';
import { parseBody } from '../../src/codec/json-body.ts';
import { checkSchemas } from '../../src/compatibility/check.ts';
import type { Surface } from '../../src/compatibility/rule.ts';
import { RULES } from '../../src/compatibility/rules.ts';
import { deriveLayout } from '../../src/derive/layout.ts';
import { deriveModel } from '../../src/derive/model.ts';
import { deriveOpenApi } from '../../src/derive/openapi.ts';
import { deriveTable } from '../../src/derive/table.ts';
import { deriveTypes } from '../../src/derive/types.ts';
import { parseSchema } from '../../src/schema/ast.ts';
import { schemaHistory, schemaVersion } from '../../src/schema/history.ts';
import { anyChanges, avscType, carelessEvolution, type Evolution } from '../support/avro-arbitraries.ts';
import { ODD_SCHEMAS } from '../support/odd-schemas.ts';
import { filesOf } from '../support/schema-folders.ts';

/** True where no rule of these surfaces finds anything between the two. */
function isSilent({ writer, reader }: Evolution, surfaces: readonly Surface[]): boolean {
  // A later schema that is none is no silence.
  const rules = RULES.filter(
    ({ over, surface }) => over === 'files' || (over === 'pair' && surfaces.includes(surface)),
  );
  return checkSchemas([filesOf('acme.pair', [writer, reader])], [], rules).findings.length === 0;
}

/** Runs a property over changes that pass, and makes sure that it was not idle: some others must not pass. */
function overPassing(surfaces: readonly Surface[], holds: (evolution: Evolution) => void): void {
  const seen = { passing: 0, refused: 0 };
  fc.assert(
    fc.property(carelessEvolution, (evolution) => {
      const passing = isSilent(evolution, surfaces);
      seen[passing ? 'passing' : 'refused'] += 1;
      if (passing) holds(evolution);
    }),
    { numRuns: 300 },
  );
  expect(seen.passing).toBeGreaterThan(40);
  expect(seen.refused).toBeGreaterThan(40);
}

test('a body that an earlier version took is taken where API finds nothing', () => {
  overPassing(['API'], ({ reader, samples }) => {
    const encode = compileEncoder(parseSchema(reader));
    for (const { text } of samples) {
      const parsed = parseBody(Buffer.from(text));
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
      const context = new EncodeContext();
      encode(parsed.value, context);
      expect(context.faults).toEqual([]);
    }
  });
});

test('what an earlier version wrote is decoded where WIRE and REPLAY find nothing', () => {
  overPassing(['WIRE', 'REPLAY'], ({ writer, reader, samples }) => {
    const type = avscType(writer);
    const decode = compileDecoder(parseSchema(writer), parseSchema(reader));
    for (const sample of samples) {
      const source = new AvroSource(type.toBuffer(sample.avro), 0);
      expect(() => decode(source)).not.toThrow();
      expect(source.remaining).toBe(0);
    }
  });
});

describe('what the check takes', () => {
  const derivesWhole = (schema: unknown) => {
    const { findings } = checkSchemas([filesOf('acme.odd', [schema])]);
    if (findings.some(({ severity }) => severity === 'error')) return;
    const history = schemaHistory('acme.odd', [schemaVersion('acme.odd', 1, schema)]);
    compileCodec(history);
    deriveTable(deriveLayout(history), { bucketUri: 's3://bucket' });
    for (const derive of [deriveModel, deriveTypes]) derive(history);
    deriveOpenApi([history]);
  };

  test.each(ODD_SCHEMAS.filter(([, , place]) => place === undefined))('derives whole: %s', (_what, schema) => {
    derivesWhole(schema);
  });

  test('derives whole, whatever it is', () => {
    fc.assert(
      fc.property(anyChanges, ({ readers }) => readers.forEach(derivesWhole)),
      { numRuns: 60 },
    );
  });
});

test('a check of any JSON whatever ends in findings, each with a place', () => {
  const part = fc.constantFrom(
    'record',
    'enum',
    'fixed',
    'array',
    'map',
    'int',
    'R',
    'name',
    'fields',
    'type',
    'items',
    'symbols',
  );
  const json = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      part,
      fc.constantFrom(null, true, 0, -1, 1.5, '', [], {}),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(part, tie('value'), { maxKeys: 5 }),
    ),
  })).value;
  fc.assert(
    fc.property(json, fc.boolean(), (value, isRecord) => {
      const definition = isRecord ? { type: 'record', name: 'R', doc: 'R', fields: value } : value;
      for (const { path, message } of checkSchemas([filesOf('acme.any', [definition])]).findings) {
        expect(path).toMatch(/^\$/);
        expect(message).not.toMatch(/undefined|is not a function|Cannot read|not iterable|call stack/);
      }
    }),
    { numRuns: 500 },
  );
});
