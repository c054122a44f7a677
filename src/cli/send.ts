import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { splitArray, splitLines } from '../codec/json-body.ts';
import { ERRORS, SluiceError } from '../errors.ts';
import { MAX_BATCH_BYTES } from '../stages/accept.ts';
import { type CommonOptions, newCommand, targetUrl } from './options.ts';
import { type Progress, showProgress } from './progress.ts';
import { print, printJson, warn } from './terminal.ts';

/** Events of one request. */
const BATCH_EVENTS = 500;
/** Bytes of events after which a request is full. */
const BATCH_BYTES = MAX_BATCH_BYTES / 4;
/** Tries of a request that was not taken for a reason of ours. */
const TRIES = 6;
/** Refusals that are shown one by one. */
const SHOWN = 10;

interface SendOptions extends CommonOptions {
  readonly url?: string;
}

/** What became of the events that were sent. */
export interface Sent {
  sent: number;
  accepted: number;
  refused: number;
  /** The first refusals: the place of the event in what was sent, and its faults. */
  readonly refusals: { readonly index: number; readonly code: string; readonly faults: readonly object[] }[];
}

/** `sluice send`: events from a file or standard input to the edge. */
export function sendCommand(): Command {
  return newCommand('send', 'send events of one type over HTTP; exit 1 where some were refused', [
    'sluice send seismic.earthquake events.ndjson',
    'jq -c ".features[]" feed.json | sluice send my.feature -',
    'sluice send aviation.flight one-event.json --url http://127.0.0.1:8080 --json',
  ])
    .argument('<type>', 'event type')
    .argument('[file]', 'NDJSON, a JSON array, or one JSON object; - for standard input', '-')
    .option('--url <url>', 'where to send, instead of the pipeline that runs on --data')
    .action(async (type: string, file: string, options: SendOptions) => {
      const url = await targetUrl(options.url, options.data);
      const progress = showProgress([{ name: type, total: undefined }], options.json === true);
      let sent: Sent;
      try {
        sent = await sendEvents(url, type, readEvents(file), progress);
      } finally {
        progress.end();
      }
      if (options.json) printJson({ event_type: type, ...sent });
      else {
        print(`${sent.sent} sent, ${sent.accepted} accepted, ${sent.refused} refused`);
        for (const { index, code, faults } of sent.refusals) warn(`event ${index}: ${code} ${JSON.stringify(faults)}`);
        if (sent.refused > SHOWN) warn(`and ${sent.refused - SHOWN} more`);
      }
      if (sent.refused > 0) process.exitCode = 1;
    });
}

/**
 * Sends events in batches, one request after the other, and adds up the answers.
 *
 * @throws SluiceError SLUICE_NOT_RUNNING where nobody answers, or the code of an answer that refuses a whole request.
 */
export async function sendEvents(
  url: string,
  eventType: string,
  events: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  progress?: Progress,
  interrupted?: AbortSignal,
): Promise<Sent> {
  const sent: Sent = { sent: 0, accepted: 0, refused: 0, refusals: [] };
  const target = `${url}/events/${encodeURIComponent(eventType)}/batch`;
  let batch: Uint8Array[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    interrupted?.throwIfAborted();
    if (batch.length === 0) return;
    const { accepted, refused, items } = await post(target, arrayOf(batch));
    for (const item of items) {
      if (item.status !== 202 && sent.refusals.length < SHOWN) {
        sent.refusals.push({ index: sent.sent + item.index, code: item.code ?? '', faults: item.faults ?? [] });
      }
    }
    sent.sent += batch.length;
    sent.accepted += accepted;
    sent.refused += refused;
    progress?.advance(eventType, batch.length);
    batch = [];
    bytes = 0;
  };
  for await (const event of events) {
    if (batch.length >= BATCH_EVENTS || bytes + event.length > BATCH_BYTES) await flush();
    batch.push(event);
    bytes += event.length + 1;
  }
  await flush();
  return sent;
}

interface BatchAnswer {
  readonly accepted: number;
  readonly refused: number;
  readonly items: readonly {
    readonly index: number;
    readonly status: number;
    readonly code?: string;
    readonly faults?: readonly object[];
  }[];
}

/** Joins JSON texts by commas, as they are: one that is broken is still an item of its own. */
function arrayOf(events: readonly Uint8Array[]): Uint8Array {
  const parts = events.flatMap((event, index) => [Buffer.from(index === 0 ? '[' : ','), event]);
  return Buffer.concat([...parts, Buffer.from(']')]);
}

async function post(url: string, body: Uint8Array): Promise<BatchAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: body as Uint8Array<ArrayBuffer>,
    }).catch((cause) => {
      // Whether the request was taken cannot be told: sending it again is for whoever knows the events' ids.
      throw new SluiceError('SLUICE_NOT_RUNNING', `${url} does not answer: ${reasonOf(cause)}`, { cause });
    });
    if (response.ok) return (await response.json()) as BatchAnswer;
    const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string; faults?: [] };
    // 503 says that nothing of the request was taken.
    if (response.status === 503 && attempt < TRIES) {
      await sleep(250 * 2 ** attempt);
      continue;
    }
    const detail = problem.detail ?? `it answered ${response.status}`;
    throw new SluiceError(codeOf(problem.code), detail, { faults: problem.faults ?? [] });
  }
}

function codeOf(code: string | undefined): SluiceError['code'] {
  return code !== undefined && Object.hasOwn(ERRORS, code) ? (code as SluiceError['code']) : 'SLUICE_INTERNAL';
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}

/** The events of a file: an array's items, an object that fills it, or its lines as they come. */
async function* readEvents(file: string): AsyncGenerator<Uint8Array> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  let rest = Buffer.alloc(0);
  let isWhole: boolean | undefined;
  try {
    for await (const chunk of input) {
      rest = Buffer.concat([rest, chunk as Buffer]);
      isWhole ??= startsWhole(rest);
      if (isWhole !== false) continue;
      const end = rest.lastIndexOf(0x0a);
      if (end === -1) continue;
      yield* splitLines(rest.subarray(0, end + 1));
      rest = rest.subarray(end + 1);
    }
  } catch (cause) {
    throw new SluiceError('SLUICE_USAGE', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (isWhole === true) yield* splitArray(rest) ?? [rest];
  else yield* splitLines(rest);
}

/** Whether a text is one JSON value over several lines; undefined where its first line has not ended yet. */
function startsWhole(text: Buffer): boolean | undefined {
  const start = text.findIndex((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  if (start === -1) return undefined;
  if (text[start] === 0x5b) return true;
  const end = text.indexOf(0x0a, start);
  if (end === -1) return undefined;
  try {
    JSON.parse(text.subarray(start, end).toString('utf8'));
    return false;
  } catch {
    // A first event that is broken looks like an object that goes on; a second line that begins one tells them apart.
    return text[end + 1] !== 0x7b;
  }
}
