import type { IncomingHttpHeaders } from 'node:http';
import { MOTO_REGION } from '../moto.ts';
import { ACCOUNT } from './lambda-host.ts';

/** One request to an AWS service, as IAM sees it. */
export interface AwsCall {
  /** Access key that signed it. */
  readonly caller: string;
  /** What a policy must allow: `sqs:SendMessage`. */
  readonly action: string;
  /** On what; undefined where the request does not say it plainly. */
  readonly resource: string | undefined;
}

/** Operations that are authorised as others. Source: Service Authorization Reference, "Actions, resources, and condition keys". */
const AUTHORISED_AS: Readonly<Record<string, string>> = {
  'sqs:SendMessageBatch': 'sqs:SendMessage',
  'sqs:DeleteMessageBatch': 'sqs:DeleteMessage',
  'sqs:ChangeMessageVisibilityBatch': 'sqs:ChangeMessageVisibility',
};

const METHODS: Readonly<Record<string, string>> = {
  PUT: 's3:PutObject',
  GET: 's3:GetObject',
  HEAD: 's3:GetObject',
  DELETE: 's3:DeleteObject',
};

/**
 * Reads who asks for what from a signed request: the access key and the service are in its signature (Signature Version
 * 4's credential scope), the operation in a header or, for S3, in its method.
 *
 * @param what `GET /bucket/key`, or `POST <operation>`; see `TestProxy`.
 */
export function readCall(what: string, body: string, headers: IncomingHttpHeaders): AwsCall {
  const [, caller = '', service = ''] =
    /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\//.exec(String(headers.authorization)) ?? [];
  const [method = '', subject = ''] = what.split(' ');
  if (service === 's3') {
    const [bucket = '', ...key] = subject.replace(/\?.*/, '').slice(1).split('/');
    const resource = `arn:aws:s3:::${bucket}${key.length === 0 ? '' : `/${decodeURIComponent(key.join('/'))}`}`;
    const action = key.length === 0 && method === 'GET' ? 's3:ListBucket' : (METHODS[method] ?? `s3:${method}`);
    return { caller, action, resource };
  }
  const operation = `${service}:${subject}`;
  return { caller, action: AUTHORISED_AS[operation] ?? operation, resource: resourceOf(service, body) };
}

function resourceOf(service: string, body: string): string | undefined {
  const input = body === '' ? {} : JSON.parse(body);
  const arn = (path: string): string => `arn:aws:${service}:${MOTO_REGION}:${ACCOUNT}:${path}`;
  switch (service) {
    case 'sqs':
      return arn(new URL(input.QueueUrl).pathname.split('/').at(-1) ?? '');
    case 'firehose':
      return arn(`deliverystream/${input.DeliveryStreamName}`);
    case 'secretsmanager':
      return String(input.SecretId).startsWith('arn:') ? input.SecretId : arn(`secret:${input.SecretId}`);
    case 'glue': {
      const { RegistryName, SchemaName } = { ...input, ...input.RegistryId, ...input.SchemaId };
      // A version may be asked for by its id alone.
      if (RegistryName === undefined) return undefined;
      return SchemaName === undefined ? arn(`registry/${RegistryName}`) : arn(`schema/${RegistryName}/${SchemaName}`);
    }
    default:
      return undefined;
  }
}
