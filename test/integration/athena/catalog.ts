import { gzipSync } from 'node:zlib';
import { CreateDatabaseCommand, CreateTableCommand, GlueClient } from '@aws-sdk/client-glue';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { ViewInput } from '../../../src/derive/athena-views.ts';
import type { TableInput } from '../../../src/derive/table.ts';
import { MOTO_CREDENTIALS, MOTO_REGION } from '../../support/moto.ts';

export const DATABASE = 'sluice_test';
export const BUCKET = 'sluice-test';
export const BUCKET_URI = `s3://${BUCKET}`;

/** A Glue database and a bucket, filled as a deployment and a delivery stream fill them. */
export interface Catalog {
  create(...inputs: readonly (TableInput | ViewInput)[]): Promise<void>;
  /** An object of a table, given its lines, under the partition of a day and an hour. */
  put(prefix: string, day: string, hour: number, csv: Uint8Array): Promise<void>;
  /** An object there that no reader can open. */
  putBroken(prefix: string, day: string, hour: number): Promise<void>;
  close(): void;
}

export async function openCatalog(endpoint: string): Promise<Catalog> {
  const at = { endpoint, region: MOTO_REGION, credentials: MOTO_CREDENTIALS };
  const glue = new GlueClient(at);
  const s3 = new S3Client({ ...at, forcePathStyle: true });
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: DATABASE } }));
  const LocationConstraint = MOTO_REGION;
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint } }));
  let objects = 0;
  const put = async (prefix: string, day: string, hour: number, Body: Uint8Array): Promise<void> => {
    objects += 1;
    const folder = `${prefix}dt=${day}/hour=${String(hour).padStart(2, '0')}`;
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${folder}/object-${objects}.csv.gz`, Body }));
  };
  return {
    async create(...inputs) {
      for (const input of inputs) {
        const TableInput = structuredClone(input) as NonNullable<CreateTableCommand['input']['TableInput']>;
        await glue.send(new CreateTableCommand({ DatabaseName: DATABASE, TableInput }));
      }
    },
    put: (prefix, day, hour, csv) => put(prefix, day, hour, gzipSync(csv, { level: 1 })),
    putBroken: (prefix, day, hour) => put(prefix, day, hour, Buffer.from('this is not gzip')),
    close() {
      glue.destroy();
      s3.destroy();
    },
  };
}
