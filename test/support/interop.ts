import type fc from 'fast-check';
import { expect } from 'vitest';
import { edgeValue, told } from '../../contracts/edge-value.ts';
import { lowerUuids } from '../../contracts/lower-uuids.ts';
import { jsonText, parsed } from '../../contracts/readers/json.ts';
import { AvroSource } from '../../src/codec/avro-source.ts';
import { type Codec, compileCodec, type FramedValue } from '../../src/codec/codec.ts';
import { compileDecoder } from '../../src/codec/decode.ts';
import { parseSchema } from '../../src/schema/ast.ts';
import { schemaHistory, schemaVersion } from '../../src/schema/history.ts';
import { avscType, isBack, type Sample, type SchemaSample, schemaSample } from './avro-arbitraries.ts';
import { bodyOf, examplesOf, HISTORIES } from './schemas.ts';

/** An event, and what anyone who reads it must find. */
export interface InteropEvent {
  readonly name: string;
  readonly schema: Readonly<Record<string, unknown>>;
  /** What is sent. */
  readonly body: Buffer;
  /** Its value as `edgeValue` has it: what foreign programs tell. */
  readonly value: unknown;
  /** The same as foreign programs are told it. */
  readonly told: unknown;
}

/**
 * Generated events of generated schemas. The generated record stands in an array, which is one JSON column of a row
 * whatever it holds: so a row can be compared as a value.
 */
export const anyEvent: fc.Arbitrary<InteropEvent> = schemaSample.map((sample) => eventOf(sample.schema, sample));

const COLUMN = 'values';

/** The schema of events that have a list of such records in their one field, `values`. */
export function eventSchema(items: SchemaSample['schema']): InteropEvent['schema'] {
  return { type: 'record', name: 'interop.Event', fields: [{ name: COLUMN, type: { type: 'array', items } }] };
}

function eventOf(items: SchemaSample['schema'], sample: Sample): InteropEvent {
  const schema = eventSchema(items);
  const listed = (value: unknown) => ({ [COLUMN]: [value] });
  const value = edgeValue(parseSchema(schema), listed(sample.avro), listed(sample.back));
  const body = Buffer.from(jsonText(listed(sample.sent)));
  return { name: jsonText(sample.sent), schema, body, value, told: told(value) };
}

/** The examples of all event types that come with Sluice. */
export const EXAMPLES: readonly InteropEvent[] = HISTORIES.flatMap((history) =>
  examplesOf(history.eventType).valid.map(({ name, body }): InteropEvent => {
    const { definition: schema, root } = history.newest;
    const encoded = compileCodec(history).encode(bodyOf(body));
    if (!encoded.ok) throw new Error(`${name}: ${JSON.stringify(encoded.faults)}`);
    const data = dataOf(encoded.value);
    const back = parsed(compileDecoder(root, root)(new AvroSource(data, 0)));
    const value = edgeValue(root, avscType(schema).fromBuffer(data), back);
    return { name: `${history.eventType}: ${name}`, schema, body: bodyOf(body), value, told: value };
  }),
);

/** A codec of an event's schema alone, under the ids that a registry gave it. */
export function codecOf(
  schema: InteropEvent['schema'],
  ids?: Parameters<typeof schemaVersion>[3],
  options?: Parameters<typeof compileCodec>[1],
): Codec {
  return compileCodec(schemaHistory('interop.event', [schemaVersion('interop.event', 1, schema, ids)]), options);
}

/** What Sluice writes for an event. */
export function writtenBy(codec: Codec, { body }: InteropEvent): Buffer {
  const encoded = codec.encode(body);
  if (!encoded.ok) throw new Error(JSON.stringify(encoded.faults));
  return encoded.value;
}

/** The Avro data of a value in Confluent's framing. */
export function dataOf(framed: Buffer): Buffer {
  return framed.subarray(5);
}

/** Avro data in Confluent's framing. */
export function framedAs(id: number, data: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeInt32BE(id, 1);
  return Buffer.concat([head, data]);
}

/** Expects that what somebody read is the event. Minus zero is not zero; the order of keys is free. */
export function expectEvent(read: unknown, { value }: InteropEvent): void {
  expect(isBack(lowerUuids(read), lowerUuids(value)), jsonText(read)).toBe(true);
}

/** Expects that Sluice reads a framed value as the same row, and the same CSV, as its own. */
export function expectSameRow(codec: Codec, framed: Buffer, event: InteropEvent): void {
  const [theirs, ours] = [framed, writtenBy(codec, event)].map((value) => rowOf(codec, value));
  expect(theirs).toEqual(ours);
}

/** The row of a framed value with its JSON columns parsed, so that the order of a map's keys is free. */
export function rowOf(codec: Codec, value: Buffer): Record<string, unknown> {
  const { data, unread } = codec.toRows([inLog(value)]);
  expect(unread).toEqual([]);
  const csv = codec.toCsv(data);
  expect(csv.malformed).toEqual([]);
  expect(csv.data.toString().split('\n')).toHaveLength(2);
  const row = parsed(data.toString()) as Record<string, unknown>;
  for (const { name, form } of codec.layout.columns) {
    if (form === 'json' && row[name] !== null) row[name] = parsed(row[name] as string);
  }
  return lowerUuids(row) as Record<string, unknown>;
}

function inLog(value: Buffer): FramedValue {
  return { value, eventId: 'e', ingestedAt: 0, partition: 0, offset: 0n, replayId: null };
}
