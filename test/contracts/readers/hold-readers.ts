import { openReaders } from '../../../contracts/readers/readers.ts';
import { childrenOf } from './child-processes.ts';

// Starts every reader, says the ids of their processes, and holds them until it is ended itself.
const readers = openReaders();
await Promise.all([readers.avroJava(), readers.fastavro(), readers.trino(), readers.duckdb()]);
process.stdout.write(`${JSON.stringify(await childrenOf(process.pid))}\n`);
setInterval(() => {}, 1_000);
