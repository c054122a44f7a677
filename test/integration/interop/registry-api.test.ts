import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import avro from 'avsc';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { subjectName } from '../../../src/derive/names.ts';
import { type ServedFolder, serveFolder } from '../../local/http/registry.ts';
import { type Confluent, startConfluent } from '../../oracles/confluent.ts';
import {
  codecOf,
  dataOf,
  EXAMPLES,
  expectEvent,
  expectSameRow,
  type InteropEvent,
  writtenBy,
} from '../../support/interop.ts';
import { HISTORIES } from '../../support/schemas.ts';

let served: ServedFolder;
let kafkajs: SchemaRegistry;
let python: Confluent;
beforeAll(async () => {
  served = await serveFolder();
  for (const { eventType, versions } of HISTORIES) {
    for (const { version, definition } of versions) served.write(eventType, version, definition);
  }
  kafkajs = new SchemaRegistry({ host: served.url });
  python = await startConfluent(served.url);
});
afterAll(async () => {
  await python?.close();
  await served?.close();
});

const topicOf = ({ name }: InteropEvent): string => name.slice(0, name.indexOf(':'));

describe('by the schemas that are served below /registry', () => {
  test.each(EXAMPLES)(
    "Confluent's Python client reads what the pipeline writes for $name, and writes the like",
    async (event) => {
      const codec = codecOf(event.schema);
      const ours = writtenBy(codec, event);
      expectEvent(await python.deserialize(topicOf(event), ours), event);
      // It registers the schema on the way, as it does unless it is told otherwise.
      const theirs = await python.serialize(topicOf(event), event.schema, event.told);
      expect(theirs.subarray(0, 5)).toEqual(ours.subarray(0, 5));
      expectSameRow(codec, theirs, event);
    },
  );

  test.each(EXAMPLES)('kafkajs reads what the pipeline writes for $name, and writes the same', async (event) => {
    const ours = writtenBy(codecOf(event.schema), event);
    const value: unknown = await kafkajs.decode(ours);
    expect(value).toEqual(avro.Type.forSchema(event.schema as unknown as avro.Schema).fromBuffer(dataOf(ours)));
    const id = await kafkajs.getLatestSchemaId(subjectName(topicOf(event)));
    expect(await kafkajs.encode(id, value)).toEqual(ours);
  });

  test.each(HISTORIES)('kafkajs finds and registers the versions of $eventType that are there', async (history) => {
    const subject = subjectName(history.eventType);
    for (const { version, ids, definition } of history.versions) {
      const schema = JSON.stringify(definition);
      expect(await kafkajs.getRegistryId(subject, version)).toBe(ids.confluent);
      expect(await kafkajs.getRegistryIdBySchema(subject, { type: SchemaType.AVRO, schema })).toBe(ids.confluent);
      const options = { subject, compatibility: 'BACKWARD_TRANSITIVE' } as Parameters<SchemaRegistry['register']>[1];
      expect(await kafkajs.register({ type: SchemaType.AVRO, schema }, options)).toEqual({ id: ids.confluent });
    }
  });

  test('a schema that is not in git is registered by nobody, who are told where it belongs', async () => {
    const [{ eventType, newest }] = HISTORIES as [(typeof HISTORIES)[number]];
    const more = { name: 'more', type: 'string', default: '' };
    const schema = { ...newest.definition, fields: [...(newest.definition.fields as object[]), more] };
    const file = `${eventType}/v${newest.version + 1}.avsc`;
    await expect(python.register(eventType, schema)).rejects.toThrow(file);
    const options = { subject: subjectName(eventType), compatibility: 'BACKWARD_TRANSITIVE' };
    await expect(
      kafkajs.register(
        { type: SchemaType.AVRO, schema: JSON.stringify(schema) },
        options as Parameters<SchemaRegistry['register']>[1],
      ),
    ).rejects.toThrow(file);
  });
});
