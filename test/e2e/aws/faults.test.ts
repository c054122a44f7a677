import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { flights } from '../../../samples/index.ts';
import { openSql } from '../../../src/local/sql/sql.ts';
import { useBroker } from '../../support/broker.ts';
import { type AwsPipeline, type DeployedType, startAwsPipeline } from '../../support/lambda/aws-pipeline.ts';
import { type Bundles, bundleFunctions } from '../../support/lambda/bundles.ts';
import { type Moto, startMoto } from '../../support/moto.ts';
import { historyOf } from '../../support/schemas.ts';

// Whether Kafka is away, and wherever a function is killed: each event that was accepted ends as a row or
// as a failed event, and nothing is under way any more. The functions are frozen between invocations, as Lambda does.

const TYPE = 'aviation.flight';
const HISTORY = historyOf(TYPE);
/** Every seventh event is one that no retry can help: it keeps S3 in play. */
const BAD = 7;

const cluster = useBroker();
let moto: Moto;
let bundles: Bundles;
let pipeline: AwsPipeline;
let deployed: DeployedType;
let taken = 0;

beforeAll(async () => {
  bundles = bundleFunctions();
  moto = await startMoto();
  pipeline = await startAwsPipeline({
    ...{ moto, brokers: cluster.brokers, bundles, histories: [HISTORY] },
    ...{ visibilitySeconds: 2, flushMs: 300, freezes: true },
  });
  deployed = pipeline.types.get(TYPE)!;
});
afterEach(() => {
  for (const proxy of [pipeline.aws, pipeline.firehose]) proxy.fault = () => undefined;
  pipeline.throttle(() => false);
});
afterAll(async () => {
  await pipeline?.stop();
  await moto?.stop();
  bundles?.remove();
});

/** What a sender knows. */
interface Book {
  readonly sent: Set<string>;
  readonly accepted: Set<string>;
}

const events = [...flights.events()];

/** The next events, every seventh of them broken where `withBad`; by their ids. */
function nextEvents(count: number, withBad: boolean): Map<string, string> {
  const chosen = events.slice(taken, taken + count);
  taken += count;
  return new Map(
    chosen.map((event, index) => {
      const isBad = withBad && index % BAD === 0;
      return [event.id, JSON.stringify(isBad ? { ...event, distance_miles: 'far' } : event)];
    }),
  );
}

/** Straight into the queue, as API Gateway does. */
async function sendSingles(count: number, { sent, accepted }: Book): Promise<void> {
  const bodies = nextEvents(count, true);
  const ids = [...bodies.keys()];
  for (const id of ids) sent.add(id);
  await pipeline.send(TYPE, [...bodies.values()], (index) => ids[index]!);
  for (const id of ids) accepted.add(id);
}

/** By the batch route; a batch without an answer may have been taken or not. */
async function sendBatch(count: number, { sent, accepted }: Book): Promise<number> {
  const bodies = nextEvents(count, false);
  for (const id of bodies.keys()) sent.add(id);
  const answer = await pipeline.post(TYPE, [...bodies.values()]).catch(() => ({ status: 502, items: [] }));
  for (const { status, event_id } of answer.items) if (status === 202) accepted.add(event_id!);
  return answer.status;
}

/** Where every event ended that the pipeline knows of: ids of rows and of failed events. */
async function ends(): Promise<{ readonly rows: ReadonlySet<string>; readonly failed: ReadonlySet<string> }> {
  const sql = await openSql({ objectsDir: await pipeline.download(), histories: [HISTORY] });
  try {
    const ids = async (query: string) => new Set((await sql.query(query)).rows.map(({ id }) => String(id)));
    return {
      rows: await ids('SELECT _event_id AS id FROM aviation_flight'),
      failed: await ids('SELECT event_id AS id FROM failed_events'),
    };
  } finally {
    await sql.close();
  }
}

/** accepted = delivered + failed, with nothing in flight; and nothing is there that nobody sent. */
async function expectConserved({ sent, accepted }: Book): Promise<void> {
  await pipeline.drained();
  const { rows, failed } = await ends();
  const lost = [...accepted].filter((id) => !rows.has(id) && !failed.has(id));
  const ofThese = [...rows, ...failed].filter((id) => sent.has(id));
  expect({ lost, twice: [...rows].filter((id) => failed.has(id)) }).toEqual({ lost: [], twice: [] });
  expect(new Set(ofThese).size).toBe(ofThese.length);
  expect(ofThese.length).toBeGreaterThanOrEqual(accepted.size);
}

test('Kafka away for a while: messages go back to the queue, and all are produced when it is back', async () => {
  const book: Book = { sent: new Set(), accepted: new Set() };
  await sendSingles(20, book);
  await cluster.kill();
  await sendSingles(40, book);
  const [queue] = deployed.sources;
  await expect
    .poll(() => queue!.troubles, { timeout: 60_000 })
    .toContainEqual(expect.stringMatching(/KAFKA|LOG_UNAV|Kafka/i));
  await cluster.restart();
  await expectConserved(book);
});

test('functions that are killed in the middle of a batch lose nothing', async () => {
  const book: Book = { sent: new Set(), accepted: new Set() };
  const { accept, produce, consume, transform } = deployed.functions;
  const kills = { accept: 2, produce: 3, consume: 3, transform: 3 };
  // The service has it, and the function never learns.
  const doomed = new Set<number>();
  const killAfter = (victim: typeof accept, name: keyof typeof kills): undefined => {
    const pid = victim.pids.at(-1)!;
    if (doomed.has(pid) || kills[name] === 0) return undefined;
    kills[name] -= 1;
    doomed.add(pid);
    setTimeout(() => victim.kill(), 5);
    return undefined;
  };
  const before = [accept, produce, consume, transform].map(({ pids }) => pids.length);
  pipeline.aws.fault = ({ action, caller }) => {
    if (action === 'sqs:SendMessage') return killAfter(accept, 'accept');
    // Failed events are written after Kafka has the good ones, and before anything is deleted from the queue.
    if (action === 's3:PutObject' && caller === produce.name) return killAfter(produce, 'produce');
    if (action === 'glue:GetSchema' && caller === transform.name) return killAfter(transform, 'transform');
    return undefined;
  };
  pipeline.firehose.fault = () => killAfter(consume, 'consume');
  transform.kill();
  const statuses: number[] = [];
  await Promise.all([
    sendSingles(100, book),
    (async () => {
      for (let batch = 0; batch < 5; batch += 1) statuses.push(await sendBatch(40, book));
    })(),
  ]);
  await expectConserved(book);
  expect(statuses).toContain(502);
  expect(statuses).toContain(200);
  const replaced = [accept, produce, consume, transform].map(({ pids }, index) => pids.length - before[index]!);
  expect(Math.min(...replaced), `replaced: ${replaced}`).toBeGreaterThanOrEqual(2);
});
