import type { CfnResource } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { failedEventsAthenaViews } from '../../src/derive/athena-views.ts';
import { failedEventsTable } from '../../src/derive/table.ts';
import { glueTable, knownDatabase } from './glue-table.ts';

export interface FailedEventsTableProps {
  /** The name of the Glue database. */
  readonly database: string;
  /** The bucket that keeps failed events. */
  readonly bucket: { readonly bucketName: string };
}

/**
 * The failed events of all types: one table, and the views upon it. It is shared, and names no event type.
 *
 * @throws SluiceError SLUICE_CONFIGURATION where the database's name is unknown.
 */
export class FailedEventsTable extends Construct {
  readonly table: CfnResource;
  readonly allRowsView: CfnResource;
  readonly view: CfnResource;

  constructor(scope: Construct, id: string, { database, bucket }: FailedEventsTableProps) {
    super(scope, id);
    const { all, deduplicated } = failedEventsAthenaViews({ database: knownDatabase(database) });
    const bucketUri = `s3://${bucket.bucketName}`;
    this.table = glueTable(this, 'Table', database, failedEventsTable({ bucketUri }));
    this.allRowsView = glueTable(this, 'AllRowsView', database, all);
    this.view = glueTable(this, 'View', database, deduplicated);
    this.allRowsView.addResourceDependency(this.table);
    this.view.addResourceDependency(this.allRowsView);
  }
}
