import { type Codec, type CodecOptions, compileCodec, type FramedValue } from '../src/codec/codec.ts';
import { exposedField } from '../src/codec/exposed.ts';
import { type SchemaHistory, type SchemaVersion, successorOf } from '../src/schema/history.ts';
import type { BodySample } from './arbitraries/bodies.ts';
import { KEY } from './arbitraries/key.ts';

/** The codec that a law looks at; it hashes personal data with the key that the arbitraries know. */
export function codecOf(history: SchemaHistory): Codec {
  return compileCodec(history, { piiKey: KEY });
}

/** The same in every framing that its registry has ids for: a deployment chooses one. */
export function codecsOf(history: SchemaHistory): Codec[] {
  const choices: readonly CodecOptions[] = [
    { framing: 'confluent' },
    { framing: 'glue' },
    { framing: 'glue', compression: 'zlib' },
  ];
  return choices
    .filter(({ framing }) => history.versions.every(({ ids }) => ids[framing!] !== undefined))
    .map((choice) => compileCodec(history, { ...choice, piiKey: KEY }));
}

/** Versions that writers can state and get: neither superseded, nor keeping personal data that a later one hides. */
export function standingVersions(history: SchemaHistory): SchemaVersion[] {
  const { versions } = history;
  return versions.filter(
    (version, index) =>
      successorOf(history, version) === version &&
      versions.slice(index + 1).every((later) => exposedField(version.root, later.root) === undefined),
  );
}

/** Where and when the events of a law's cases were taken: each of them elsewhere. */
export function framed(value: Uint8Array, index: number): FramedValue {
  return {
    value,
    eventId: `event-${index}`,
    ingestedAt: Date.UTC(2026, 0, 1) + index,
    partition: index % 3,
    offset: BigInt(index),
    replayId: null,
  };
}

/** A sample's Avro in its framing. @throws Error where the codec does not take it, which is another law's business. */
export function encoded(codec: Codec, { text }: Pick<BodySample, 'text'>, version: number): Buffer {
  const result = codec.encode(Buffer.from(text), version);
  if (!result.ok)
    throw new Error(`a body that should be taken is refused: ${JSON.stringify(result.faults[0])}: ${text}`);
  return result.value;
}
