import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { deriveCatalogue } from '../../catalogue/catalogue.ts';
import { type Examples, parseExamples } from '../../catalogue/examples.ts';
import { PAGE_MARK, STYLE_FILE } from '../../catalogue/page.ts';
import { SluiceError } from '../../errors.ts';
import { type CommonOptions, newCommand } from '../options.ts';
import { print, printJson } from '../terminal.ts';
import { isOurs, requireOurs, writeGenerated } from './generated-file.ts';
import { readSome } from './read-histories.ts';

interface DocsOptions extends CommonOptions {
  readonly out: string;
}

const STYLE = new URL('../../catalogue/style.css', import.meta.url);
/** What the style sheet begins with. */
const STYLE_MARK = '/* Written by `sluice schema docs`. */';

/** `sluice schema docs`: a catalogue of the event types for people, as a folder of pages. */
export function docsCommand(): Command {
  return newCommand('docs', 'write a catalogue of the event types: pages that a browser opens from the disk', [
    'sluice schema docs',
    'sluice schema docs --out public/events',
    'sluice schema docs --json',
  ])
    .option('--out <dir>', 'folder of the pages; files in it that were not generated are kept', 'catalogue')
    .action(docs);
}

async function docs({ schemas, out, json }: DocsOptions): Promise<void> {
  const histories = await readSome(schemas);
  const entries = await Promise.all(
    histories.map(async (history) => ({ history, examples: await readExamples(schemas, history.eventType) })),
  );
  const files = new Map([...deriveCatalogue(entries), [STYLE_FILE, await readFile(STYLE, 'utf8')]]);
  for (const path of files.keys()) await requireOurs(join(out, path), markOf(path));
  for (const [path, text] of files) {
    await makeFolder(dirname(join(out, path)));
    await writeGenerated(join(out, path), text);
  }
  const removed = await removeOthers(join(out, 'types'), new Set([...files.keys()].map((path) => join(out, path))));
  const written = [...files.keys()].map((path) => join(out, path));
  if (json) printJson({ folder: out, files: written, removed });
  else {
    for (const file of written) print(`wrote ${file}`);
    for (const file of removed) print(`removed ${file}, whose event type is no more`);
  }
}

/** @throws SluiceError SLUICE_SCHEMA_INVALID where there is a file that holds no examples. */
async function readExamples(schemas: string, eventType: string): Promise<Examples | undefined> {
  const file = join(schemas, eventType, 'examples.json');
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new SluiceError('SLUICE_STORAGE', `${file} cannot be read (${cause.code})`, { cause });
  });
  if (text === undefined) return undefined;
  try {
    return parseExamples(text);
  } catch (cause) {
    throw new SluiceError('SLUICE_SCHEMA_INVALID', `${file}: ${(cause as Error).message}`, { cause });
  }
}

function markOf(path: string): string {
  return path === STYLE_FILE ? STYLE_MARK : PAGE_MARK;
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
    throw new SluiceError('SLUICE_STORAGE', `${folder} cannot be made (${cause.code})`, { cause });
  });
}

/** Removes the pages of event types that are no more; whatever was not generated stays. */
async function removeOthers(folder: string, files: ReadonlySet<string>): Promise<string[]> {
  const removed: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const file = join(folder, entry.name);
    if (files.has(file) || !entry.isFile() || !entry.name.endsWith('.html')) continue;
    if (!isOurs(await readFile(file, 'utf8'), PAGE_MARK)) continue;
    await rm(file);
    removed.push(file);
  }
  return removed.sort();
}
