import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { fault, splitArray, splitLines } from '../codec/json-body.ts';
import { ERRORS, type Fault, SluiceError } from '../errors.ts';
import { MAX_BATCH_BYTES, MAX_EVENT_BYTES } from '../stages/accept.ts';
import { type CommonOptions, newCommand, targetUrl } from './options.ts';
import { type Progress, showProgress } from './progress.ts';
import { faultLines, print, printJson, warn } from './terminal.ts';

/** Events of one request. */
const BATCH_EVENTS = 500;
/** Bytes of events after which a request is full. */
const BATCH_BYTES = MAX_BATCH_BYTES / 4;
/** Tries of a request that was not taken for a reason of ours. */
const TRIES = 6;
const LF = 0x0a;
const SPACE = 0x20;
const TOO_LARGE = fault('SLUICE_BODY_TOO_LARGE', '$', `send at most ${MAX_EVENT_BYTES} bytes for an event`);
/** Refusals that are shown one by one. */
const SHOWN = 10;

interface SendOptions extends CommonOptions {
  readonly url?: string;
  readonly schemaVersion?: string;
}

/** What became of the events that were sent. */
export interface Sent {
  sent: number;
  accepted: number;
  refused: number;
  /** The first refusals: the place of the event in what was sent, from 0, and its faults. */
  readonly refusals: { readonly index: number; readonly code: string; readonly faults: readonly Fault[] }[];
}

/** `sluice send`: events from a file or standard input to the edge. */
export function sendCommand(): Command {
  return newCommand('send', 'send events of one type over HTTP; exit 1 where some were refused', [
    'sluice send seismic.earthquake events.ndjson',
    'jq -c ".features[]" feed.json | sluice send my.feature -',
    'sluice send aviation.flight one-event.json --url http://127.0.0.1:8080 --json',
    'sluice send seismic.earthquake old-events.ndjson --schema-version 1',
  ])
    .argument('<type>', 'event type')
    .argument('[file]', 'NDJSON, a JSON array, or one JSON object; - for standard input', '-')
    .option('--url <url>', 'where to send, instead of the pipeline that runs on --data')
    .option('--schema-version <n>', 'the version that the events are written with; else the newest that takes each')
    .action(async (type: string, file: string, options: SendOptions) => {
      const url = await targetUrl(options.url, options.data);
      const progress = showProgress([{ name: type, total: undefined }], options.json === true);
      let sent: Sent;
      try {
        sent = await sendEvents(url, type, readEvents(file), { progress, version: options.schemaVersion });
      } finally {
        progress.end();
      }
      if (options.json) printJson({ event_type: type, ...sent });
      else {
        print(`${sent.sent} sent, ${sent.accepted} accepted, ${sent.refused} refused`);
        for (const { index, code, faults } of sent.refusals) {
          warn([`event ${index + 1}: ${code}`, ...faultLines(faults)].join('\n'));
        }
        if (sent.refused > SHOWN) warn(`and ${sent.refused - SHOWN} more`);
      }
      if (sent.refused > 0) process.exitCode = 1;
    });
}

export interface SendingOptions {
  readonly progress?: Progress | undefined;
  readonly interrupted?: AbortSignal | undefined;
  /** The schema version that the events are written with. */
  readonly version?: string | undefined;
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
  { progress, interrupted, version }: SendingOptions = {},
): Promise<Sent> {
  const sent: Sent = { sent: 0, accepted: 0, refused: 0, refusals: [] };
  const target = `${url}/events/${encodeURIComponent(eventType)}/batch`;
  let batch: Uint8Array[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    interrupted?.throwIfAborted();
    if (batch.length === 0) return;
    const { accepted, refused, items } = await post(target, batch, version);
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
    readonly faults?: readonly Fault[];
  }[];
}

/**
 * Events as the body of one request. As lines, a broken one cannot swallow its neighbours. Only events that are laid
 * out over several lines, or empty, need an array: they come from one, where they could be told apart.
 */
function bodyOf(events: readonly Uint8Array[]): { type: string; body: Uint8Array<ArrayBuffer> } {
  const areLines = events.every((event) => !event.includes(LF) && event.some((byte) => byte > SPACE));
  const [type, open, separator, close] = areLines
    ? ['application/x-ndjson', '', '\n', '']
    : ['application/json', '[', ',', ']'];
  const parts = events.flatMap((event, index) => [Buffer.from(index === 0 ? open : separator), event]);
  return { type, body: Buffer.concat([...parts, Buffer.from(close)]) };
}

async function post(url: string, events: readonly Uint8Array[], version: string | undefined): Promise<BatchAnswer> {
  const { type, body } = bodyOf(events);
  const headers = { 'content-type': type, ...(version === undefined ? {} : { 'schema-version': version }) };
  // Only an event that fills a request alone can be as long. A server that refuses it does not read it to its end,
  // and its answer may be lost with the connection.
  if (body.length > MAX_BATCH_BYTES) return refusedAlone('SLUICE_BODY_TOO_LARGE', [TOO_LARGE]);
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(url, { method: 'POST', headers, body }).catch((cause) => {
      // Whether the request was taken cannot be told: sending it again is for whoever knows the events' ids.
      throw new SluiceError('SLUICE_NOT_RUNNING', `${url} does not answer: ${reasonOf(cause)}`, { cause });
    });
    if (response.ok) return (await response.json()) as BatchAnswer;
    const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string; faults?: Fault[] };
    const { code = '', detail = `it answered ${response.status}`, faults = [] } = problem;
    // 503 says that nothing of the request was taken.
    if (response.status === 503 && attempt < TRIES) {
      await sleep(250 * 2 ** attempt);
      continue;
    }
    // A text that is no array, or too long: where it is alone, it is the event that was refused.
    if (events.length === 1 && (response.status === 400 || response.status === 413)) {
      return refusedAlone(code, faults);
    }
    throw new SluiceError(codeOf(code), detail, { faults });
  }
}

function refusedAlone(code: string, faults: readonly Fault[]): BatchAnswer {
  return { accepted: 0, refused: 1, items: [{ index: 0, status: 400, code, faults }] };
}

function codeOf(code: string): SluiceError['code'] {
  return Object.hasOwn(ERRORS, code) ? (code as SluiceError['code']) : 'SLUICE_INTERNAL';
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}

/** The events of a file: an array's items, an object that fills it, or its lines as they come. */
async function* readEvents(file: string): AsyncGenerator<Uint8Array> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  // What has not been told apart yet; joined only when a piece may end an event.
  let rest: Buffer[] = [];
  let isWhole: boolean | undefined;
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      rest.push(chunk);
      if (isWhole === true || !(isWhole === undefined || chunk.includes(LF))) continue;
      const text = Buffer.concat(rest);
      rest = [text];
      isWhole ??= startsWhole(text);
      if (isWhole !== false) continue;
      const end = text.lastIndexOf(LF) + 1;
      yield* splitLines(text.subarray(0, end));
      rest = [text.subarray(end)];
    }
  } catch (cause) {
    throw new SluiceError('SLUICE_USAGE', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  const last = Buffer.concat(rest);
  if (isWhole === true) yield* splitArray(last) ?? [last];
  else yield* splitLines(last);
}

/** Whether a text is one JSON value over several lines; undefined where its first line has not ended yet. */
function startsWhole(text: Buffer): boolean | undefined {
  const start = text.findIndex((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  if (start === -1) return undefined;
  if (text[start] === 0x5b) return true;
  const end = text.indexOf(LF, start);
  if (end === -1) return undefined;
  try {
    JSON.parse(text.subarray(start, end).toString('utf8'));
    return false;
  } catch {
    // A first event that is broken looks like an object that goes on; a second line that begins one tells them apart.
    return text[end + 1] !== 0x7b;
  }
}
