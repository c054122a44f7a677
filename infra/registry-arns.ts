import { Aws } from 'aws-cdk-lib';

/** A Glue registry and one of its schemas, or all: whatever asks for a schema must be allowed on both. */
export function schemaArns(registry: string, schema: string): string[] {
  const base = `arn:${Aws.PARTITION}:glue:${Aws.REGION}:${Aws.ACCOUNT_ID}`;
  return [`${base}:registry/${registry}`, `${base}:schema/${registry}/${schema}`];
}
