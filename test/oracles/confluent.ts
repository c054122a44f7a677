import { join } from 'node:path';
import { FASTAVRO } from '../../contracts/readers/fastavro.ts';
import { asker } from '../../contracts/readers/json-lines.ts';
import { startPython } from '../../contracts/readers/python.ts';

/** Confluent's Python client. */
export interface Confluent {
  /** @returns the id that the registry gives to a schema, as that of a topic's values. */
  register(topic: string, schema: unknown): Promise<number>;
  /** What its serializer writes into a topic; the schema is registered on the way. */
  serialize(topic: string, schema: unknown, value: unknown): Promise<Buffer>;
  /** What its deserializer reads in a topic. */
  deserialize(topic: string, framed: Buffer): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * Starts the client; see `startPython` for what it needs.
 *
 * @param registry URL of a schema registry; without one, the client's own stand-in keeps schemas in memory
 */
export async function startConfluent(registry = 'mock://memory'): Promise<Confluent> {
  const oracle = await startPython(join(import.meta.dirname, 'confluent'), 'oracle.py', [registry, FASTAVRO]);
  const ask = asker(oracle);
  const bytes = async (question: Readonly<Record<string, unknown>>): Promise<Buffer> =>
    Buffer.from((await ask(question)).bytes as string, 'hex');
  return {
    register: async (topic, schema) => (await ask({ do: 'register', topic, schema })).id as number,
    serialize: (topic, schema, value) => bytes({ do: 'serialize', topic, schema, value }),
    deserialize: async (topic, framed) =>
      (await ask({ do: 'deserialize', topic, bytes: framed.toString('hex') })).value,
    close: () => oracle.close(),
  };
}
