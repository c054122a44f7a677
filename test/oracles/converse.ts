import type { ChildProcessWithoutNullStreams } from 'node:child_process';

/** A program that answers lines with lines. */
export interface Oracle {
  readonly pid: number | undefined;
  /** @returns its answer to one line, which may hold no line break. */
  ask(line: string): Promise<string>;
  close(): Promise<void>;
}

/** What is kept of a program's last words, in characters. */
const LAST_WORDS = 4_000;

/**
 * Asks a process that answers each line of its input with one of its output, in their order, and ends with its input:
 * so it ends with this process, however this process ends.
 *
 * @param needed what to say it needs where it cannot be started
 */
export function converse(child: ChildProcessWithoutNullStreams, name: string, needed: string): Oracle {
  const waiting: PromiseWithResolvers<string>[] = [];
  let over: Error | undefined;
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-LAST_WORDS);
  });
  // Not by node:readline, for which U+2028 ends a line, too.
  let unended = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (unended + text).split('\n');
    unended = lines.pop()!;
    for (const line of lines) waiting.shift()?.resolve(line);
  });
  const ended = new Promise<void>((resolve) => {
    const end = (error: Error): void => {
      over ??= error;
      for (const { reject } of waiting.splice(0)) reject(over);
      resolve();
    };
    child.on('error', (cause) => end(new Error(`${name} needs ${needed}: ${cause.message}`, { cause })));
    child.on('close', (status) => end(new Error(`${name} ended with ${status}: ${stderr}`)));
  });
  // What is written to a process that has died is answered by its end.
  child.stdin.on('error', () => {});
  return {
    pid: child.pid,
    ask(line) {
      if (over !== undefined) return Promise.reject(over);
      const answer = Promise.withResolvers<string>();
      waiting.push(answer);
      child.stdin.write(`${line}\n`);
      return answer.promise;
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
