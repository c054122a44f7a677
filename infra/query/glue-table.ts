import { Aws, CfnResource, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ViewInput } from '../../src/derive/athena-views.ts';
import type { TableInput } from '../../src/derive/table.ts';
import { SluiceError } from '../../src/errors.ts';

/**
 * A table or a view in the Glue Data Catalog of this account. What is derived has CloudFormation's own spelling, so it is
 * passed on as it is. To delete it deletes no data.
 */
export function glueTable(scope: Construct, id: string, database: string, input: TableInput | ViewInput): CfnResource {
  return new CfnResource(scope, id, {
    type: 'AWS::Glue::Table',
    properties: { CatalogId: Aws.ACCOUNT_ID, DatabaseName: database, TableInput: input },
  });
}

/**
 * A view holds the name of its database in base64, where CloudFormation can fill nothing in.
 *
 * @throws SluiceError SLUICE_CONFIGURATION where the name is one that only a deployment knows.
 */
export function knownDatabase(name: string): string {
  if (!Token.isUnresolved(name)) return name;
  throw new SluiceError(
    'SLUICE_CONFIGURATION',
    'the Glue database of a table must be named when the template is made: give it a name of its own',
  );
}
