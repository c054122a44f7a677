import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { replacementBy } from '../../src/deploy/replacement.ts';

/** The resource specification that the AWS CDK carries, as far as it is read here. */
interface Specification {
  readonly schema: {
    readonly resource: { readonly entities: readonly SpecifiedResource[] };
    readonly typeDefinition: { readonly entities: readonly (SpecifiedType & { readonly $id: string })[] };
  };
}
interface SpecifiedType {
  readonly properties: Readonly<Record<string, SpecifiedProperty>>;
}
interface SpecifiedResource extends SpecifiedType {
  readonly cloudFormationType: string;
}
interface SpecifiedProperty {
  readonly causesReplacement?: 'yes' | 'maybe';
  readonly type: PropertyType;
}
interface PropertyType {
  readonly type: string;
  readonly element?: PropertyType;
  readonly reference?: { readonly $ref: string };
}

const ROOT = join(import.meta.dirname, '../..');

/** The services that a pipeline is made of. */
const SERVICES =
  /^AWS::(ApiGateway|Athena|Budgets|CloudFormation|CloudWatch|Events|Glue|IAM|KMS|KinesisFirehose|Lambda|Logs|MSK|S3|SNS|SQS|SecretsManager|StepFunctions|WAFv2)::|^AWS::EC2::(FlowLog|Route|RouteTable|SecurityGroup|SecurityGroupEgress|SecurityGroupIngress|Subnet|SubnetRouteTableAssociation|VPC|VPCEndpoint)$/;

const specification = JSON.parse(
  gunzipSync(readFileSync(join(ROOT, 'node_modules/aws-cdk/db.json.gz'))).toString('utf8'),
) as Specification;

test('src/deploy/replacement.json is what the specification of the AWS CDK says; -u writes it anew', async () => {
  const definitions = new Map(specification.schema.typeDefinition.entities.map((type) => [type.$id, type]));
  const pathsOf = (type: SpecifiedType, wanted: 'yes' | 'maybe', outer: string, above: readonly unknown[]): string[] =>
    Object.entries(type.properties).flatMap(([name, property]) => {
      const path = `${outer}${name}`;
      if (property.causesReplacement === wanted) return [path];
      // What is inside of a property that replaces in any case says nothing more.
      if (property.causesReplacement === 'yes') return [];
      let inner: PropertyType | undefined = property.type;
      while (inner?.element !== undefined) inner = inner.element;
      const definition = definitions.get(inner?.reference?.$ref ?? '');
      return definition === undefined || above.includes(definition)
        ? []
        : pathsOf(definition, wanted, `${path}.`, [...above, definition]);
    });
  const rules = specification.schema.resource.entities
    .filter(({ cloudFormationType }) => SERVICES.test(cloudFormationType))
    .map((type) => {
      const mayReplace = pathsOf(type, 'maybe', '', []).sort();
      const rule = { replaces: pathsOf(type, 'yes', '', []).sort(), ...(mayReplace.length > 0 && { mayReplace }) };
      return [type.cloudFormationType, rule] as const;
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const members = rules.map(([type, rule]) => `  "${type}": {\n${listsOf(rule).join(',\n')}\n  }`);
  await expect(`{\n${members.join(',\n')}\n}\n`).toMatchFileSnapshot(join(ROOT, 'src/deploy/replacement.json'));
});

describe('a change of a property', () => {
  test.for([
    ['AWS::SQS::Queue', 'QueueName', 'yes'],
    ['AWS::SQS::Queue', 'VisibilityTimeout', 'no'],
    ['AWS::MSK::ServerlessCluster', 'VpcConfigs.SubnetIds', 'yes'],
    ['AWS::MSK::Cluster', 'BrokerNodeGroupInfo.ClientSubnets', 'yes'],
    ['AWS::MSK::Cluster', 'BrokerNodeGroupInfo', 'yes'],
    ['AWS::MSK::Cluster', 'BrokerNodeGroupInfo.InstanceType', 'no'],
    ['AWS::Glue::Table', 'TableInput.Name', 'yes'],
    ['AWS::Glue::Table', 'TableInput.StorageDescriptor.Columns', 'no'],
    ['AWS::KinesisFirehose::DeliveryStream', 'DeliveryStreamName', 'yes'],
    ['AWS::S3::Bucket', 'BucketNameOfMine', 'no'],
    ['Custom::SluiceContract', 'ServiceToken', 'yes'],
    ['Custom::SluiceContract', 'Versions', 'no'],
  ] as const)('%s, %s: replaced? %s', ([type, path, expected]) => {
    expect(replacementBy(type, path)).toBe(expected);
  });
});

/** As the project's formatter would have it: a list is on one line where it fits. */
function listsOf(rule: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(rule).map(([name, paths], index, all) => {
    const items = (paths as string[]).map((path) => JSON.stringify(path));
    const line = `    "${name}": [${items.join(', ')}]`;
    if (line.length + (index < all.length - 1 ? 1 : 0) <= 120) return line;
    return `    "${name}": [\n${items.map((item) => `      ${item}`).join(',\n')}\n    ]`;
  });
}
