/**
 * What a cold start of each function must load, beside the same function with the usual clients. Run it with
 * `npm run bench:functions`, with `-- --json` for one JSON document, with `-- --save` to keep that under bench/results.
 *
 * The rival is the same handler with the aggregated clients of the services that it calls (`new S3()`, `new Glue()` ...),
 * which know every command of their service, so that no bundler can leave any out. Both are bundled in the same way, and
 * imported in turns, each time by a new process. Milliseconds of one machine say little about another; ratios do.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildSync } from 'esbuild';
import { BUNDLING, type HandlerName } from '../infra/functions/bundle.ts';

/** The clients of what each function calls. */
const CLIENTS: Readonly<Record<HandlerName, readonly (readonly [client: string, from: string])[]>> = {
  accept: [
    ['SQS', '@aws-sdk/client-sqs'],
    ['Glue', '@aws-sdk/client-glue'],
  ],
  produce: [
    ['S3', '@aws-sdk/client-s3'],
    ['Glue', '@aws-sdk/client-glue'],
    ['SecretsManager', '@aws-sdk/client-secrets-manager'],
  ],
  consume: [
    ['Firehose', '@aws-sdk/client-firehose'],
    ['S3', '@aws-sdk/client-s3'],
    ['Glue', '@aws-sdk/client-glue'],
  ],
  transform: [
    ['S3', '@aws-sdk/client-s3'],
    ['Glue', '@aws-sdk/client-glue'],
  ],
  provision: [
    ['Kafka', '@aws-sdk/client-kafka'],
    ['Glue', '@aws-sdk/client-glue'],
  ],
};

const HANDLERS = join(import.meta.dirname, '../src/handlers');
/** Imports of each bundle; the median counts. */
const ROUNDS = 15;

const { values: flags } = parseArgs({
  options: { json: { type: 'boolean', default: false }, save: { type: 'boolean', default: false } },
});
const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-functions-'));
try {
  const functions = [];
  for (const name of Object.keys(CLIENTS) as HandlerName[]) functions.push(await measure(name));
  const document = { node: process.version, cpus: cpus().length, rounds: ROUNDS, functions };
  const text = `${JSON.stringify(document, null, 2)}\n`;
  if (flags.save) {
    const results = join(import.meta.dirname, 'results');
    await mkdir(results, { recursive: true });
    await writeFile(join(results, 'functions.json'), text);
  }
  if (flags.json) process.stdout.write(text);
  else {
    for (const { name, bytes, load_ms: load } of functions) {
      console.log(
        `${name.padEnd(10)} ${bytes.sluice} bytes, ${bytes.ratio} of the rival's; loads in ${load.sluice} ms, ${load.ratio} of the rival's`,
      );
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(name: HandlerName) {
  const entry = join(HANDLERS, `${name}.ts`);
  const files = { sluice: join(folder, `${name}.mjs`), rival: join(folder, `${name}-rival.mjs`) };
  buildSync({ ...BUNDLING, entryPoints: [entry], outfile: files.sluice });
  const clients = CLIENTS[name].map(([client, from]) => `import { ${client} } from '${from}';`);
  const used = CLIENTS[name].map(([client]) => client).join(', ');
  buildSync({
    ...BUNDLING,
    stdin: {
      contents: `${clients.join('\n')}\nexport { handler } from ${JSON.stringify(entry)};\nexport const clients = [${used}];`,
      resolveDir: join(import.meta.dirname, '..'),
    },
    outfile: files.rival,
  });
  const times = { sluice: [] as number[], rival: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const which of ['sluice', 'rival'] as const) times[which].push(importTime(files[which]));
  }
  const bytes = { sluice: (await stat(files.sluice)).size, rival: (await stat(files.rival)).size };
  const load = { sluice: median(times.sluice), rival: median(times.rival) };
  return {
    name,
    bytes: { ...bytes, ratio: ratio(bytes) },
    load_ms: { sluice: rounded(load.sluice), rival: rounded(load.rival), ratio: ratio(load) },
  };
}

/** Milliseconds that a new process takes to import a bundle. */
function importTime(file: string): number {
  const script = `const start = performance.now(); await import(${JSON.stringify(file)}); console.log(performance.now() - start); process.exit(0);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }));
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

function ratio({ sluice, rival }: { sluice: number; rival: number }): number {
  return Number((sluice / rival).toFixed(3));
}

function rounded(milliseconds: number): number {
  return Number(milliseconds.toFixed(1));
}
