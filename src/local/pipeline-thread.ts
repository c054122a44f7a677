import { extname } from 'node:path';
import { type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads';
import { asSluiceError, type ErrorCode, SluiceError } from '../errors.ts';
import { type Latency, openPipeline, type Pipeline, type PipelineOptions } from './pipeline.ts';

/** What the host asks of the thread. */
type Request = { readonly kind: 'stop' } | { readonly kind: 'latencies'; readonly reset: boolean };

/** What the thread tells the host. */
type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'log'; readonly line: string }
  | { readonly kind: 'latencies'; readonly latencies: Record<string, Latency> };

/**
 * The module that the thread runs; a test may give one of its own that calls `servePipeline`. In an installed package it
 * is JavaScript, as this module is.
 */
export const PIPELINE_ENTRY = new URL(`./pipeline-entry${extname(import.meta.filename)}`, import.meta.url);

/** Inside the thread: runs the pipeline that the host asked for, until it says stop. */
export async function servePipeline(wrap?: Parameters<typeof openPipeline>[2]): Promise<void> {
  const port = parentPort as MessagePort;
  const report = (message: Report): void => port.postMessage(message);
  let pipeline: Pipeline;
  try {
    pipeline = await openPipeline(workerData as PipelineOptions, (line) => report({ kind: 'log', line }), wrap);
  } catch (error) {
    const { code, message } = asSluiceError(error);
    report({ kind: 'failed', code, message });
    port.close();
    return;
  }
  report({ kind: 'ready' });
  port.on('message', async (request: Request) => {
    if (request.kind === 'latencies') {
      report({ kind: 'latencies', latencies: pipeline.latencies(request.reset) });
      return;
    }
    await pipeline.stop();
    port.close();
  });
}

/** The pipeline in a thread of its own, beside the one that answers HTTP. */
export interface PipelineThread {
  /** Latencies per event type; see `Pipeline.latencies`. */
  latencies(reset: boolean): Promise<Record<string, Latency>>;
  /** Resolves with what ended the thread where nobody had asked it to end. */
  readonly crashed: Promise<SluiceError>;
  /** Stops the pipeline; after `timeoutMs` the thread is ended in whatever state it is, and loses nothing by it. */
  stop(timeoutMs: number): Promise<void>;
}

export interface PipelineThreadOptions {
  /** Receives what went wrong and is dealt with. */
  readonly log: (line: string) => void;
  /** Gives up starting. */
  readonly signal?: AbortSignal | undefined;
  /** The module that the thread runs. */
  readonly entry?: URL | undefined;
}

/**
 * Starts the thread, and resolves when its pipeline reads and writes.
 *
 * @throws SluiceError what kept it from starting; an aborted `signal` throws its reason. The thread is gone then.
 */
export async function startPipelineThread(
  options: PipelineOptions,
  { log, signal, entry = PIPELINE_ENTRY }: PipelineThreadOptions,
): Promise<PipelineThread> {
  signal?.throwIfAborted();
  const worker = new Worker(entry, { workerData: options });
  const ready = Promise.withResolvers<void>();
  const crashed = Promise.withResolvers<SluiceError>();
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const asking: PromiseWithResolvers<Record<string, Latency>>[] = [];
  let isStopping = false;
  let end: SluiceError | undefined;
  const crash = (error: SluiceError): void => {
    end ??= error;
    ready.reject(error);
    for (const answer of asking.splice(0)) answer.reject(error);
    if (!isStopping) crashed.resolve(error);
  };
  worker.on('message', (message: Report) => {
    if (message.kind === 'ready') ready.resolve();
    else if (message.kind === 'log') log(message.line);
    else if (message.kind === 'latencies') asking.shift()?.resolve(message.latencies);
    else crash(new SluiceError(message.code, message.message));
  });
  worker.on('error', (error) => crash(asSluiceError(error)));
  void exited.then(() => crash(new SluiceError('SLUICE_STOPPING', 'the pipeline has ended')));

  const giveUp = (): void => ready.reject(signal?.reason);
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    await ready.promise;
  } catch (error) {
    // A pipeline that came up in part still holds connections, which would keep its thread and so the process.
    await worker.terminate();
    throw error;
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
  return {
    async latencies(reset) {
      if (end !== undefined) throw end;
      const answer = Promise.withResolvers<Record<string, Latency>>();
      asking.push(answer);
      worker.postMessage({ kind: 'latencies', reset } satisfies Request);
      return answer.promise;
    },
    crashed: crashed.promise,
    async stop(timeoutMs) {
      isStopping = true;
      worker.postMessage({ kind: 'stop' } satisfies Request);
      const timer = setTimeout(() => void worker.terminate(), timeoutMs);
      await exited;
      clearTimeout(timer);
    },
  };
}
