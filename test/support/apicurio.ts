import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildOnce, runTool, tell } from '../../contracts/readers/build.ts';
import { freePorts } from '../../src/local/kafka/ports.ts';

/** Apicurio Registry on this machine, in memory: a registry that speaks Confluent's API and judges schemas itself. */
export interface Apicurio {
  /** Of its Confluent API, such as `http://127.0.0.1:40123/apis/ccompat/v7`. */
  readonly url: string;
  readonly pid: number;
  /** Ends it; resolves when it is gone, and all that it was told with it. */
  stop(): Promise<void>;
}

const HOME = join(import.meta.dirname, '../oracles/apicurio');

/** Milliseconds that it gets to start, and between two looks. */
const START = { timeoutMs: 60_000, pauseMs: 100 };

/** What is kept of its last words, in characters. */
const LAST_WORDS = 4_000;

/**
 * Starts it on a free port; it ends with this process, however this process ends. Maven fetches it at the first start,
 * 142 MB, into the user's cache.
 *
 * @param port to listen on; a free one by default
 * @throws Error that says what is missing: a test that needs it fails without it, and never passes unasked.
 */
export async function startApicurio(port?: number): Promise<Apicurio> {
  const jar = await install();
  const listen = port ?? (await freePorts()).client;
  const settings = [
    ...['-Xmx512m', '-Xshare:auto', '-XX:TieredStopAtLevel=1'],
    ...['-Dquarkus.http.host=127.0.0.1', `-Dquarkus.http.port=${listen}`, '-Dquarkus.log.level=WARN'],
  ];
  const child = spawn('java', [...settings, '-cp', jar, join(HOME, 'Lifeline.java')]);
  let words = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-LAST_WORDS);
    });
  }
  child.stdin.on('error', () => {});
  let isOver = false;
  const over = once(child, 'close').catch((cause: Error) => {
    words += `Apicurio Registry needs a JDK, 17 or newer: ${cause.message}`;
  });
  over.then(() => {
    isOver = true;
  });
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await over;
  };
  const url = `http://127.0.0.1:${listen}/apis/ccompat/v7`;
  const deadline = Date.now() + START.timeoutMs;
  while (!(await answers(url))) {
    if (isOver) throw new Error(`Apicurio Registry ended before it answered: ${words}`);
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`Apicurio Registry did not answer within ${START.timeoutMs / 1_000} s: ${words}`);
    }
    await sleep(START.pauseMs);
  }
  return { url, pid: child.pid!, stop };
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/subjects`, { signal: AbortSignal.timeout(START.timeoutMs) });
    await answer.text();
    return answer.ok;
  } catch {
    return false;
  }
}

/** @returns the path of its jar, which names the libraries beside it. */
async function install(): Promise<string> {
  const pom = join(HOME, 'pom.xml');
  const built = await buildOnce('apicurio', [pom], async (building) => {
    tell('apicurio: fetching it with Maven (once, 142 MB)');
    await runTool('mvn', ['-q', '-B', '-f', pom, 'dependency:unpack', `-DoutputDirectory=${building}`], 'Maven');
  });
  const runner = (await readdir(built)).find((name) => name.endsWith('-runner.jar'));
  if (runner === undefined) throw new Error(`${built} holds no Apicurio Registry; remove it, and it is fetched again`);
  return join(built, runner);
}
