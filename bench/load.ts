/**
 * Load over HTTP from a process of its own, so that what it costs is not counted to what it measures. Called with one
 * JSON argument (`LoadOptions`); prints one JSON document (`LoadResult`).
 *
 * `open` is an open loop: requests are due at a fixed rate whether or not earlier ones have been answered, and latency
 * counts from the moment a request was due, so that a server that stalls cannot hide it. `closed` keeps every
 * connection busy and finds the most that a server can do.
 */
import { createHistogram } from 'node:perf_hooks';
import { Pool } from 'undici';
import { flights } from '../samples/index.ts';

export interface LoadOptions {
  readonly url: string;
  readonly mode: 'open' | 'closed';
  /** Events a second; open loop only. */
  readonly rate: number;
  readonly seconds: number;
  readonly connections: number;
  /** Events of one request; more than one go to the batch route. */
  readonly batch: number;
  /** Makes the event ids of this load differ from those of any other. */
  readonly run: string;
}

export interface LoadResult {
  readonly sent: number;
  readonly accepted: number;
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** Milliseconds from when a request was due to its answer. */
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
  /** The most requests that were due and not yet sent: a sign that the generator itself fell behind. */
  readonly behind: number;
}

async function load(options: LoadOptions): Promise<LoadResult> {
  const { url, mode, rate, seconds, connections, batch } = options;
  const pool = new Pool(url, { connections, pipelining: 1, headersTimeout: 30_000, bodyTimeout: 30_000 });
  const bodies = bodiesOf(options.run, batch);
  const path = `/events/aviation.flight${batch > 1 ? '/batch' : ''}`;
  const headers = { 'content-type': batch > 1 ? 'application/x-ndjson' : 'application/json' };
  const latency = createHistogram();
  let sent = 0;
  let accepted = 0;
  let open = 0;
  let behind = 0;
  let wake = (): void => {};

  const request = (due: number): void => {
    open += 1;
    sent += batch;
    // The body of an answer is only read where it says something that its status does not.
    pool.dispatch(
      { method: 'POST', path, headers, body: bodies() },
      {
        onRequestStart() {},
        onResponseStart(_controller, status) {
          if (status === 202 || status === 200) accepted += batch;
        },
        onResponseData() {},
        onResponseEnd() {
          latency.record(Math.max(1, Math.round((performance.now() - due) * 1_000)));
          open -= 1;
          wake();
        },
        onResponseError(_controller, error) {
          open -= 1;
          process.stderr.write(`load: ${error.message}\n`);
          wake();
        },
      },
    );
  };
  const answered = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });

  const start = performance.now();
  const end = start + seconds * 1_000;
  if (mode === 'closed') {
    while (performance.now() < end) {
      while (open < connections) request(performance.now());
      await answered();
    }
  } else {
    const interval = (1_000 * batch) / rate;
    let due = start;
    while (due < end) {
      const now = performance.now();
      for (; due <= now && due < end; due += interval) request(due);
      behind = Math.max(behind, open - connections);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
  while (open > 0) await answered();
  const elapsed = (performance.now() - start) / 1_000;
  await pool.close();
  const ms = (microseconds: number): number => Math.round(microseconds / 10) / 100;
  return {
    sent,
    accepted,
    seconds: elapsed,
    p50_ms: ms(latency.percentile(50)),
    p99_ms: ms(latency.percentile(99)),
    max_ms: ms(latency.max),
    behind,
  };
}

/** Bodies of real flights, each with an id of its own. */
function bodiesOf(run: string, batch: number): () => string {
  const events = [...flights.events()].map((event) => {
    const { id, ...rest } = event;
    return { head: `{"id":"${id}-${run}-`, tail: `",${JSON.stringify(rest).slice(1)}` };
  });
  let next = 0;
  const body = (): string => {
    const { head, tail } = events[next % events.length]!;
    next += 1;
    return head + next + tail;
  };
  if (batch === 1) return body;
  return () => {
    let lines = '';
    for (let i = 0; i < batch; i += 1) lines += `${body()}\n`;
    return lines;
  };
}

process.stdout.write(`${JSON.stringify(await load(JSON.parse(process.argv[2] ?? '{}') as LoadOptions))}\n`);
