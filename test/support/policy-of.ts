import { ACCOUNT } from './lambda/lambda-host.ts';
import { MOTO_REGION } from './moto.ts';

/** What one statement of a policy allows. */
export interface Allowance {
  readonly actions: readonly string[];
  /** ARNs, in which `*` stands for any text and `?` for any character. */
  readonly resources: readonly string[];
}

/** What a template does not say itself: the value of a parameter, or of a resource's attribute; undefined where unknown. */
export type Known = (name: string) => string | undefined;

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

interface Document {
  readonly Statement: readonly Statement[];
}

type Resources = Readonly<Record<string, Resource>>;

const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': MOTO_REGION,
  'AWS::AccountId': ACCOUNT,
};

/**
 * What the role of a function may do, read from a synthesised CloudFormation template.
 *
 * @param template the template's JSON
 * @param functionName the name that the function has there
 * @returns its statements; a resource that only a deployment tells stays as `<name>`, which is the ARN of nothing.
 * @throws Error where the template has no such function, or its role has what this does not judge: managed policies,
 *   denials and conditions.
 */
export function policyOf(template: string, functionName: string, known: Known = () => undefined): Allowance[] {
  const { Resources: resources } = JSON.parse(template) as { Resources: Resources };
  const all = Object.values(resources);
  const found = all.find(
    ({ Type, Properties }) => Type === 'AWS::Lambda::Function' && Properties?.FunctionName === functionName,
  );
  const [roleId] = (found?.Properties?.Role as { 'Fn::GetAtt'?: [string, string] })?.['Fn::GetAtt'] ?? [];
  if (roleId === undefined) throw new Error(`the template has no function ${functionName} with a role of its own`);
  const { ManagedPolicyArns: managed, Policies: inline } = resources[roleId]!.Properties as {
    ManagedPolicyArns?: unknown;
    Policies?: readonly { readonly PolicyDocument: Document }[];
  };
  if (managed !== undefined)
    throw new Error(`the role of ${functionName} has managed policies, which say nothing here`);
  const attached = all.filter(({ Type, Properties }) => {
    if (Type !== 'AWS::IAM::Policy' && Type !== 'AWS::IAM::ManagedPolicy') return false;
    return ((Properties?.Roles ?? []) as readonly { Ref?: string }[]).some(({ Ref }) => Ref === roleId);
  });
  const documents = [
    ...(inline ?? []).map(({ PolicyDocument }) => PolicyDocument),
    ...attached.map(({ Properties }) => Properties!.PolicyDocument as Document),
  ];
  return documents.flatMap(({ Statement: statements }) =>
    statements.map((statement) => {
      const { Effect, Action, Resource, ...more } = statement;
      if (Effect !== 'Allow' || Object.keys(more).some((key) => key !== 'Sid')) {
        throw new Error(`a statement of ${functionName} is no plain allowance: ${JSON.stringify(statement)}`);
      }
      return {
        actions: [Action].flat(),
        resources: [Resource].flat().map((resource) => resolve(resource, resources, known)),
      };
    }),
  );
}

/** Whether statements allow an action; on the resource, where there is one. */
export function allows(statements: readonly Allowance[], action: string, resource: string | undefined): boolean {
  return statements.some(
    ({ actions, resources }) =>
      actions.includes(action) &&
      (resource === undefined || resources.some((pattern) => patternOf(pattern).test(resource))),
  );
}

function patternOf(arn: string): RegExp {
  const text = arn
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${text}$`, 's');
}

/** The text of a value with CloudFormation's functions in it. Source: AWS CloudFormation User Guide, "Intrinsic functions". */
function resolve(value: unknown, resources: Resources, known: Known): string {
  if (typeof value === 'string') return value;
  const {
    Ref,
    'Fn::Join': join,
    'Fn::GetAtt': attribute,
  } = value as {
    Ref?: string;
    'Fn::Join'?: [string, unknown[]];
    'Fn::GetAtt'?: [string, string];
  };
  if (Ref !== undefined) return PSEUDO_PARAMETERS[Ref] ?? known(Ref) ?? `<${Ref}>`;
  if (join !== undefined) return join[1].map((part) => resolve(part, resources, known)).join(join[0]);
  if (attribute === undefined) return `<${JSON.stringify(value)}>`;
  const name = attribute.join('.');
  const { Type, Properties } = resources[attribute[0]]!;
  if (Type === 'AWS::SQS::Queue' && attribute[1] === 'Arn') {
    return `arn:aws:sqs:${MOTO_REGION}:${ACCOUNT}:${Properties?.QueueName}`;
  }
  return known(name) ?? `<${name}>`;
}
