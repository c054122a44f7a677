import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import type { Command } from 'commander';
import { openDatabase } from '../adapters/local/database.ts';
import { allRowsViewName, rawTableName, topicName } from '../derive/names.ts';
import { identifier, literal } from '../derive/sql-text.ts';
import { asSluiceError } from '../errors.ts';
import { type DataFolder, dataFolder } from '../local/data-folder.ts';
import { readEventTypes } from '../local/event-types.ts';
import { sourceOf } from '../local/schema-source.ts';
import type { QueryResult, Sql } from '../local/sql/sql.ts';
import { readHeaders } from '../stages/headers.ts';
import { type CommonOptions, knownBrokers, newCommand } from './options.ts';
import { withSql } from './query.ts';
import { paint, print, printable, printJson } from './terminal.ts';

/** Where an event can be seen, in the order that it passes. */
const STAGES = ['queue', 'kafka', 'table', 'failed'] as const;

/** One place where an event was seen. */
interface Sighting {
  readonly stage: (typeof STAGES)[number];
  readonly event_type: string;
  readonly [detail: string]: unknown;
}

/** `sluice trace`: every stage that an event has passed. */
export function traceCommand(): Command {
  return newCommand('trace', 'find an event in every stage: queue, topic, object, row, failed events', [
    'sluice trace ci37868143',
    'sluice trace 0d6f2e1c5a9b4c7d8e3f1a20 --json',
  ])
    .argument('<event-id>', 'as the 202 answer gave it')
    .action(async (eventId: string, options: CommonOptions) => {
      const folder = dataFolder(options.data);
      const eventTypes = (await readEventTypes(await sourceOf(folder, options.schemas))).map(
        ({ eventType }) => eventType,
      );
      const sightings = [
        ...inQueue(folder, eventId),
        ...(await withSql(options, async (sql) => [
          ...(await inTables(sql, folder, eventId, eventTypes)),
          ...(await inFailed(sql, eventId)),
        ])),
      ];
      // A row says where its record is. Only an event without one has to be looked for in the topics.
      const notes: string[] = [];
      if (!sightings.some(({ stage }) => stage === 'kafka')) {
        const { found, note } = await inTopics(folder, eventId, eventTypes.map(topicName));
        sightings.push(...found);
        if (note !== undefined) notes.push(note);
      }
      sightings.sort((a, b) => STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage));
      if (sightings.length === 0) process.exitCode = 1;
      if (options.json) printJson({ event_id: eventId, stages: sightings, notes });
      else {
        if (sightings.length === 0) print(`no trace of ${eventId}`);
        for (const sighting of sightings) show(sighting);
        for (const note of notes) print(paint('dim', note, process.stdout));
      }
    });
}

function inQueue({ ledgerFile }: DataFolder, eventId: string): Sighting[] {
  if (!existsSync(ledgerFile)) return [];
  const database = openDatabase(ledgerFile, '');
  try {
    const rows = database
      .prepare('SELECT event_type, number, accepted_at, receives FROM message WHERE event_id = ? ORDER BY number')
      .all(eventId);
    return rows.map((row) => ({
      stage: 'queue',
      event_type: row.event_type as string,
      number: row.number,
      accepted_at: new Date(row.accepted_at as number).toISOString(),
      receives: row.receives,
    }));
  } finally {
    database.close();
  }
}

async function inTables(
  sql: Sql,
  folder: DataFolder,
  eventId: string,
  eventTypes: readonly string[],
): Promise<Sighting[]> {
  const records = new Map<string, Sighting>();
  const rows: Sighting[] = [];
  for (const eventType of eventTypes) {
    // The view has the values as they were sent, the raw table knows the object. A record that was delivered twice
    // is two rows, in objects of their own.
    const { rows: found }: QueryResult = await sql.query(
      `SELECT DISTINCT raw."$path", seen.* FROM ${identifier(allRowsViewName(eventType))} AS seen
        JOIN ${identifier(rawTableName(eventType))} AS raw USING (dt, hour, _kafka_partition, _kafka_offset)
        WHERE seen._event_id = ${literal(eventId)} ORDER BY ALL`,
    );
    for (const { $path, ...row } of found) {
      const { _kafka_partition: partition, _kafka_offset: offset } = row;
      const topic = topicName(eventType);
      records.set(`${topic}/${partition}/${offset}`, {
        stage: 'kafka',
        event_type: eventType,
        topic,
        partition,
        offset,
      });
      rows.push({ stage: 'table', event_type: eventType, object: relative(folder.root, String($path)), row });
    }
  }
  return [...records.values(), ...rows];
}

async function inFailed(sql: Sql, eventId: string): Promise<Sighting[]> {
  const { rows } = await sql.query(
    'SELECT id, event_type, stage AS failed_in, code, path, reason, failed_at FROM failed_events ' +
      `WHERE event_id = ${literal(eventId)}`,
  );
  return rows.map((row): Sighting => ({ stage: 'failed', event_type: String(row.event_type), ...row }));
}

async function inTopics(
  folder: DataFolder,
  eventId: string,
  topics: readonly string[],
): Promise<{ found: Sighting[]; note?: string }> {
  const brokers = await knownBrokers(folder);
  if (brokers === undefined) return { found: [], note: 'the topics were not searched: no Kafka cluster runs' };
  const { createKafkaClient } = await import('../adapters/kafka/client.ts');
  const { findRecord } = await import('../adapters/kafka/find.ts');
  try {
    const record = await findRecord(
      createKafkaClient({ brokers }),
      topics,
      ({ headers }) => readHeaders(headers).eventId === eventId,
    );
    if (record === undefined) return { found: [] };
    const { topic, partition, offset } = record;
    return { found: [{ stage: 'kafka', event_type: topic, topic, partition, offset: Number(offset) }] };
  } catch (error) {
    return { found: [], note: `the topics were not searched to their ends: ${asSluiceError(error).message}` };
  }
}

function show({ stage, event_type, row, ...details }: Sighting): void {
  const facts = Object.entries(details).map(([name, value]) => `${name.replaceAll('_', ' ')} ${value}`);
  print(`${paint('bold', stage.padEnd(7), process.stdout)} ${event_type}  ${printable(facts.join(', '))}`);
  for (const [name, value] of Object.entries((row ?? {}) as object)) {
    if (value !== null) print(`          ${name} = ${printable(JSON.stringify(value))}`);
  }
}
