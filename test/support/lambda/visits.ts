import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { allRowsViewName, viewName } from '../../../src/derive/names.ts';
import { openSql } from '../../../src/local/sql/sql.ts';
import type { SchemaHistory } from '../../../src/schema/history.ts';
import { historyOfFields } from '../histories.ts';
import type { AwsPipeline } from './aws-pipeline.ts';

/** An event type whose key says which partition an event goes to, and whose personal data needs a secret. */
export function visitsOf(eventType: string): SchemaHistory {
  const fields = [
    { name: 'id', type: 'string' },
    { name: 'room', type: 'string' },
    { name: 'visitor', type: 'string', pii: 'hash' },
    { name: 'nights', type: 'int' },
    { name: 'note', type: 'string' },
  ];
  return historyOfFields(eventType, [fields], { eventId: 'id', key: 'room', partitions: 2 });
}

/** Every seventh event is one that no retry can help. */
const BAD = 7;
/** How often a batch is sent before its sender gives up. */
const TRIES = 50;

/** What the pipeline has of one sender's events. */
export interface Ends {
  /** Ids in the view without duplicates, as often as they are there; sorted. */
  readonly rows: readonly string[];
  /** How many rows were delivered. */
  readonly delivered: number;
  /** Ids of those that are kept as failed events, as often as they are there; sorted. */
  readonly failed: readonly string[];
  /** Stages of the failed events that have no id of their own, whoever sent them; sorted. */
  readonly nameless: readonly string[];
}

/** Sends events of its own, and knows what became of them as far as a sender can. */
export interface Sender {
  /** Ids of what was accepted, and can be a row. */
  readonly good: readonly string[];
  /** Ids of what was accepted, and cannot. */
  readonly bad: readonly string[];
  /** Of every answer to a batch; 502 where there was none. */
  readonly statuses: readonly number[];
  /** Straight into the queue, as API Gateway does with single events; every seventh of them is bad. */
  singles(count: number): Promise<void>;
  /** By the batch route, again and again until each event was accepted. */
  batch(count: number, more?: { readonly room?: string; readonly note?: string }): Promise<void>;
  /**
   * Expects that accepted = delivered + failed with nothing in flight: every good event is in the view once, every bad one
   * among the failed events once, and nothing is under way or given up by who carries it.
   */
  expectConserved(): Promise<Ends>;
}

/** @param name begins the ids of its events. */
export function visitsSender(pipeline: AwsPipeline, history: SchemaHistory, name: string): Sender {
  const { eventType } = history;
  const good: string[] = [];
  const bad: string[] = [];
  const statuses: number[] = [];
  let made = 0;
  const next = (more: object) => {
    made += 1;
    const id = `${name}-${String(made).padStart(4, '0')}`;
    return { id, room: `room ${made % 8}`, visitor: 'Grace Hopper', nights: made, note: '', ...more };
  };
  const endsOf = async (folder: string): Promise<Ends> => {
    const sql = await openSql({ objectsDir: folder, histories: [history] });
    try {
      const texts = async (column: string, view: string, which: string): Promise<string[]> => {
        const { rows } = await sql.query(`SELECT ${column} AS text FROM ${view} WHERE ${which} ORDER BY 1`);
        return rows.map(({ text }) => String(text));
      };
      const own = (column: string) => `${column} LIKE '${name}-%'`;
      return {
        rows: await texts('_event_id', viewName(eventType), own('_event_id')),
        delivered: (await texts('_event_id', allRowsViewName(eventType), own('_event_id'))).length,
        failed: await texts('event_id', 'failed_events', own('event_id')),
        nameless: await texts('stage', 'failed_events', 'event_id IS NULL'),
      };
    } finally {
      await sql.close();
    }
  };

  return {
    good,
    bad,
    statuses,
    async singles(count) {
      const visits = Array.from({ length: count }, (_, index) => next(index % BAD === 0 ? { nights: 'many' } : {}));
      const bodies = visits.map((visit) => JSON.stringify(visit));
      await pipeline.send(eventType, bodies, (index) => visits[index]!.id);
      for (const [index, { id }] of visits.entries()) (index % BAD === 0 ? bad : good).push(id);
    },
    async batch(count, more = {}) {
      const visits = Array.from({ length: count }, () => next(more));
      const bodies = visits.map((visit) => JSON.stringify(visit));
      for (let tries = 1; ; tries += 1) {
        const { status, items } = await pipeline.post(eventType, bodies).catch(() => ({ status: 502, items: [] }));
        statuses.push(status);
        if (status === 200) {
          expect(items.map((item) => item.status)).toEqual(visits.map(() => 202));
          break;
        }
        if (tries === TRIES) throw new Error(`a batch was answered ${TRIES} times by ${statuses.slice(-TRIES)}`);
        await sleep(50);
      }
      good.push(...visits.map(({ id }) => id));
    },
    async expectConserved() {
      await pipeline.drained();
      const folder = await pipeline.download();
      const ends = await endsOf(folder);
      expect({ rows: ends.rows, failed: ends.failed }).toEqual({ rows: good.toSorted(), failed: bad.toSorted() });
      expect(await pipeline.inFlight(eventType)).toEqual({ queued: 0, lag: 0, streaming: 0 });
      expect(pipeline.types.get(eventType)!.discarded).toEqual([]);
      expect(existsSync(join(folder, 'delivery-errors'))).toBe(false);
      return ends;
    },
  };
}
