import { parseArgs } from 'node:util';
import { startRuntime } from '../../src/local/runtime.ts';

// `sluice up --json --port 0`, but for the pipeline's thread, which has the crash point of CRASH_PLAN in it.

const { values } = parseArgs({ options: { schemas: { type: 'string' }, data: { type: 'string' } } });
const { url, brokers, pid } = await startRuntime({
  schemasDir: values.schemas!,
  dataDir: values.data!,
  port: 0,
  brokers: process.env.SLUICE_KAFKA_BROKERS?.split(','),
  log: (line) => console.error(line),
  pipelineEntry: new URL('./crash-entry.ts', import.meta.url),
});
console.log(JSON.stringify({ url, brokers, pid }));
