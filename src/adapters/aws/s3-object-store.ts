import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SluiceError } from '../../errors.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { CLIENT_SETTINGS, reasonOf } from './client-settings.ts';

export interface S3ObjectStoreOptions {
  readonly bucket: string;
  /** By default, one that the SDK's own environment variables set up. */
  readonly client?: S3Client;
}

/** An object store in an S3 bucket; S3 writes an object whole or not at all. */
export function createS3ObjectStore({
  bucket,
  client = new S3Client(CLIENT_SETTINGS),
}: S3ObjectStoreOptions): ObjectStore {
  return {
    async put(key, bytes) {
      try {
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
      } catch (cause) {
        const message = `object ${key} was not written to the bucket ${bucket}: ${reasonOf(cause)}`;
        throw new SluiceError('SLUICE_STORAGE', message, { cause });
      }
    },
  };
}
