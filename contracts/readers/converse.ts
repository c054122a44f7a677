import type { ChildProcessWithoutNullStreams } from 'node:child_process';

/** A program that answers lines with lines. */
export interface LineProgram {
  readonly pid: number | undefined;
  /**
   * @returns its answer to one line, which may hold no line break
   * @throws Error with its last words where it has ended, or where it did not answer in time and was killed
   */
  ask(line: string): Promise<string>;
  /** Ends its input, and so the program; resolves when it is gone. */
  close(): Promise<void>;
}

/** What is kept of a program's last words, in characters. */
const LAST_WORDS = 4_000;

/** Milliseconds that a program gets: between two answers while it is asked, and to end when it is told to. */
const PATIENCE = { answerMs: 120_000, endMs: 10_000 } as const;

/**
 * Asks a process that answers each line of its input with one of its output, in their order, and ends with its input:
 * so it ends with this process, however this process ends.
 *
 * @param needed what to say it needs where it cannot be started
 */
export function converse(
  child: ChildProcessWithoutNullStreams,
  name: string,
  needed: string,
  patience: { readonly answerMs: number; readonly endMs: number } = PATIENCE,
): LineProgram {
  const waiting: PromiseWithResolvers<string>[] = [];
  let over: Error | undefined;
  let stderr = '';
  let timer: NodeJS.Timeout | undefined;
  const end = (error: Error): void => {
    over ??= error;
    clearTimeout(timer);
    for (const { reject } of waiting.splice(0)) reject(over);
  };
  /** Starts to wait for the next answer, where one is due. */
  const expectAnswer = (): void => {
    clearTimeout(timer);
    if (waiting.length === 0) return;
    timer = setTimeout(() => {
      end(new Error(`${name} gave no answer within ${patience.answerMs / 1_000} s: ${stderr}`));
      child.kill('SIGKILL');
    }, patience.answerMs);
  };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-LAST_WORDS);
  });
  // Not by node:readline, for which U+2028 ends a line, too.
  let unended: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const [first, ...lines] = text.split('\n');
    unended.push(first!);
    if (lines.length === 0) return;
    // Long lines come in many parts, which are joined once.
    waiting.shift()?.resolve(unended.join(''));
    unended = [lines.pop()!];
    for (const line of lines) waiting.shift()?.resolve(line);
    expectAnswer();
  });
  const gone = new Promise<void>((resolve) => {
    child.on('error', (cause) => {
      end(new Error(`${name} needs ${needed}: ${cause.message}`, { cause }));
      resolve();
    });
    child.on('close', (status, signal) => {
      end(new Error(`${name} ended with ${status ?? signal}: ${stderr}`));
      resolve();
    });
  });
  // What is written to a process that has died is answered by its end.
  child.stdin.on('error', () => {});
  return {
    pid: child.pid,
    ask(line) {
      if (over !== undefined) return Promise.reject(over);
      const answer = Promise.withResolvers<string>();
      waiting.push(answer);
      if (waiting.length === 1) expectAnswer();
      child.stdin.write(`${line}\n`);
      return answer.promise;
    },
    async close() {
      child.stdin.end();
      const kill = setTimeout(() => child.kill('SIGKILL'), patience.endMs);
      await gone;
      clearTimeout(kill);
    },
  };
}
