import {
  CloudFormationClient,
  type CloudFormationClientConfig,
  GetTemplateCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { SluiceError } from '../../errors.ts';
import { oneTry } from './client-settings.ts';

export interface CloudFormationOptions {
  /** By default, the one that the AWS SDK finds. */
  readonly region?: string | undefined;
  /** Another place than AWS's own. */
  readonly endpoint?: string | undefined;
  /** By default, those that the AWS SDK finds. */
  readonly credentials?: CloudFormationClientConfig['credentials'] | undefined;
}

/** A stack as it is deployed, with those that it nests by their logical ids. */
export interface DeployedStack {
  readonly name: string;
  /** As it was handed in: JSON, where the CDK did so. */
  readonly template: string;
  readonly nested: Readonly<Record<string, DeployedStack>>;
}

export interface CloudFormation {
  /**
   * A stack and all that it nests.
   *
   * @returns undefined where there is no stack of the name.
   * @throws SluiceError SLUICE_STACKS_UNREADABLE.
   */
  readStack(name: string): Promise<DeployedStack | undefined>;
  close(): void;
}

const TRIES = 3;
const TIMEOUT_MS = 15_000;
/** How deep stacks may nest; ours nest once. */
const MOST_LEVELS = 4;
/** Nested stacks that are read at a time: CloudFormation allows few requests a second. */
const AT_A_TIME = 4;
/** Resources that are deleted are listed for ninety days. */
const GONE = 'DELETE_COMPLETE';

/** CloudFormation, to be read alone. */
export function openCloudFormation({ region, endpoint, credentials }: CloudFormationOptions = {}): CloudFormation {
  const client = new CloudFormationClient({
    maxAttempts: TRIES,
    retryMode: 'adaptive',
    requestHandler: oneTry(10_000),
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  });
  const http = () => ({ abortSignal: AbortSignal.timeout(TIMEOUT_MS) });

  const read = async (name: string, shown: string, level: number): Promise<DeployedStack | undefined> => {
    const template = await askFor(shown, async () => {
      const { TemplateBody } = await client.send(new GetTemplateCommand({ StackName: name }), http());
      return TemplateBody;
    });
    if (template === undefined) return undefined;
    const stacks = await askFor(shown, async () => {
      const found: { readonly id: string; readonly stack: string }[] = [];
      for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName: name })) {
        for (const { ResourceType, LogicalResourceId, PhysicalResourceId, ResourceStatus } of StackResourceSummaries) {
          if (ResourceType !== 'AWS::CloudFormation::Stack' || ResourceStatus === GONE) continue;
          if (LogicalResourceId === undefined || PhysicalResourceId === undefined) continue;
          found.push({ id: LogicalResourceId, stack: PhysicalResourceId });
        }
      }
      return found;
    });
    const left = [...(stacks ?? [])];
    if (left.length > 0 && level === MOST_LEVELS) {
      throw new SluiceError('SLUICE_STACKS_UNREADABLE', `${shown} nests stacks more than ${MOST_LEVELS} levels deep`);
    }
    const nested: Record<string, DeployedStack> = {};
    const readNext = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const inner = await read(next.stack, next.id, level + 1);
        if (inner !== undefined) nested[next.id] = inner;
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, readNext));
    return { name: shown, template, nested };
  };

  return {
    readStack: (name) => read(name, name, 0),
    close: () => client.destroy(),
  };
}

/** Names of errors that say who may do what. */
const CREDENTIALS = [
  'AccessDenied',
  'AccessDeniedException',
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'SignatureDoesNotMatch',
  'TokenProviderError',
  'UnrecognizedClientException',
];

/** Never with the SDK's own text where that may quote a request with its signature. */
async function askFor<T>(stack: string, call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (cause) {
    const { name, message, code } = cause as NodeJS.ErrnoException;
    // CloudFormation's word for "there is none" is a validation error.
    if (name === 'ValidationError' && /does not exist/.test(message)) return undefined;
    const refuse = (why: string): SluiceError =>
      new SluiceError('SLUICE_STACKS_UNREADABLE', `the deployed stack ${stack} cannot be read: ${why}`);
    if (message === 'Region is missing') throw refuse('no region is known; give --region, or set AWS_REGION');
    if (CREDENTIALS.includes(name)) {
      const way = 'give the AWS SDK credentials that may cloudformation:GetTemplate and ListStackResources';
      throw refuse(`${name}; ${way}, or compare with a folder by --against`);
    }
    if (name === 'TimeoutError' || name === 'AbortError') throw refuse('CloudFormation did not answer in time');
    throw refuse(`CloudFormation says ${code ?? name}; try again`);
  }
}
