import { join } from 'node:path';
import { startJava } from '../../contracts/readers/java.ts';

export type GlueCompression = 'none' | 'zlib';

/** AWS's own library for the Glue Schema Registry. What it throws is thrown. */
export interface GlueSerde {
  frame(id: string, data: Buffer, compression: GlueCompression): Promise<Buffer>;
  /** @returns undefined where it says that this is no value of its framing */
  unframe(value: Buffer): Promise<{ readonly id: string; readonly data: Buffer } | undefined>;
  /** What its Kafka serializer writes into a topic for a record, which is given as Avro data. */
  serialize(topic: string, schema: unknown, data: Buffer, compression: GlueCompression): Promise<Buffer>;
  /** What its Kafka deserializer reads in a topic, written as Avro data again. */
  deserialize(topic: string, value: Buffer): Promise<Buffer>;
  close(): Promise<void>;
}

/**
 * Starts it; see `startJava` for what it needs.
 *
 * @param endpoint of AWS's Glue API: the Kafka serializers look schemas up there
 */
export async function startGlueSerde(endpoint: string, region: string): Promise<GlueSerde> {
  const oracle = await startJava(join(import.meta.dirname, 'glue'), 'GlueSerde', [endpoint, region]);
  const ask = async (...words: readonly string[]): Promise<string> => {
    const answer = await oracle.ask(words.join('\t'));
    if (answer.startsWith('FAILED ')) throw new Error(answer);
    return answer;
  };
  const bytes = async (...words: readonly string[]): Promise<Buffer> => Buffer.from(await ask(...words), 'hex');
  const hex = (data: Buffer): string => data.toString('hex');
  const upper = (compression: GlueCompression): string => compression.toUpperCase();
  return {
    frame: (id, data, compression) => bytes('frame', upper(compression), id, hex(data)),
    async unframe(value) {
      const answer = await ask('unframe', hex(value));
      if (answer.startsWith('REFUSED')) return undefined;
      const [id, data] = answer.split('\t');
      return { id: id!, data: Buffer.from(data!, 'hex') };
    },
    serialize: (topic, schema, data, compression) =>
      bytes('serialize', upper(compression), topic, JSON.stringify(schema), hex(data)),
    deserialize: (topic, value) => bytes('deserialize', topic, hex(value)),
    close: () => oracle.close(),
  };
}
