import cliProgress from 'cli-progress';
import { tell } from './terminal.ts';

/** Progress of work that takes a while, on standard error. */
export interface Progress {
  advance(name: string, by: number): void;
  end(): void;
}

const QUIET: Progress = { advance() {}, end() {} };
/** Milliseconds between two lines where there is no terminal to draw a bar on. */
const LINE_MS = 5_000;

/**
 * Shows bars on a terminal, and now and then a line elsewhere; nothing at all when `quiet`.
 *
 * @param works what is done, each with its total where that is known.
 */
export function showProgress(
  works: readonly { readonly name: string; readonly total: number | undefined }[],
  quiet: boolean,
): Progress {
  if (quiet) return QUIET;
  return process.stderr.isTTY ? showBars(works) : showLines(works);
}

function showBars(works: Parameters<typeof showProgress>[0]): Progress {
  const width = Math.max(...works.map(({ name }) => name.length));
  const bars = new cliProgress.MultiBar({ stream: process.stderr, hideCursor: true, clearOnComplete: false });
  const byName = new Map(
    works.map(({ name, total }) => {
      const format =
        total === undefined ? ` ${name}  {value} events` : ` ${name.padEnd(width)}  {bar}  {value} / {total}`;
      return [name, bars.create(total ?? 0, 0, {}, { format })];
    }),
  );
  return {
    advance: (name, by) => byName.get(name)?.increment(by),
    end: () => bars.stop(),
  };
}

function showLines(works: Parameters<typeof showProgress>[0]): Progress {
  const done = new Map(works.map(({ name }) => [name, 0]));
  const line = (): void =>
    tell(
      works.map(({ name, total }) => `${name} ${done.get(name)}${total === undefined ? '' : `/${total}`}`).join('  '),
    );
  const timer = setInterval(line, LINE_MS);
  return {
    advance: (name, by) => void done.set(name, (done.get(name) ?? 0) + by),
    end() {
      clearInterval(timer);
      if ([...done.values()].some((events) => events > 0)) line();
    },
  };
}
