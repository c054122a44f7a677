import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { converse } from '../../contracts/readers/converse.ts';
import { classPathOf } from '../../contracts/readers/java.ts';
import { java25 } from '../../contracts/readers/trino.ts';
import { MOTO_CREDENTIALS, MOTO_REGION } from '../support/moto.ts';

/** Trino's engine over a Glue Data Catalog and S3, which is what Athena is; projections of partitions included. */
export interface Athena {
  /**
   * Values are texts as Trino writes them, and binary ones base64.
   *
   * @throws Error with what the engine says
   */
  query(sql: string): Promise<AthenaResult>;
  close(): Promise<void>;
}

export interface AthenaResult {
  /** Of the columns, as Trino calls them. */
  readonly types: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

const FOLDER = join(import.meta.dirname, 'athena');

const FLAGS = [
  ...['-Xmx1g', '-Xshare:auto', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
  // What measures objects in memory would else try to attach to this process, for a second.
  ...['-Djol.skipDynamicAttach=true', '-Djol.skipHotspotSAAttach=true'],
  '--enable-native-access=ALL-UNNAMED',
];

/**
 * Starts it, for some seconds; see `classPathOf` and `pythonOf` for what it needs.
 *
 * @param endpoint of AWS's APIs of Glue and S3
 */
export async function startAthena(endpoint: string): Promise<Athena> {
  const [java, classPath] = [await java25(), await classPathOf({ folder: FOLDER, pom: POM, compilePom: COMPILE_POM })];
  const { accessKeyId, secretAccessKey } = MOTO_CREDENTIALS;
  const settings = {
    'hive.metastore': 'glue',
    'hive.metastore.glue.region': MOTO_REGION,
    'hive.metastore.glue.endpoint-url': endpoint,
    'hive.metastore.glue.aws-access-key': accessKeyId,
    'hive.metastore.glue.aws-secret-key': secretAccessKey,
    'hive.partition-projection-enabled': 'true',
    'fs.s3.enabled': 'true',
    's3.region': MOTO_REGION,
    's3.endpoint': endpoint,
    's3.path-style-access': 'true',
    's3.aws-access-key': accessKeyId,
    's3.aws-secret-key': secretAccessKey,
  };
  const named = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const program = converse(spawn(java, [...FLAGS, '-cp', classPath, 'AthenaSql', ...named]), 'AthenaSql', 'Java 25');
  return {
    async query(sql) {
      const answer = JSON.parse(await program.ask(JSON.stringify({ sql }))) as
        | AthenaResult
        | { readonly error: string };
      if ('error' in answer) throw new Error(answer.error);
      return answer;
    },
    close: () => program.close(),
  };
}

const POM = join(FOLDER, 'pom.xml');
const COMPILE_POM = join(FOLDER, 'compile-pom.xml');
