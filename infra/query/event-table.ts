import type { CfnResource } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { deriveAthenaViews } from '../../src/derive/athena-views.ts';
import { deriveLayout } from '../../src/derive/layout.ts';
import type { PartitionBy } from '../../src/derive/partition.ts';
import { deriveTable } from '../../src/derive/table.ts';
import type { SchemaHistory } from '../../src/schema/history.ts';
import { glueTable, knownDatabase } from './glue-table.ts';

export interface EventTableProps {
  readonly history: SchemaHistory;
  /** The name of the Glue database. Whoever makes the database lets this wait for it. */
  readonly database: string;
  /** The bucket that the delivery stream writes to. */
  readonly bucket: { readonly bucketName: string };
  /** By arrival where nobody says otherwise. */
  readonly partitionBy?: PartitionBy;
}

/**
 * What people query of one event type: the table over its objects, and the views that decode and de-duplicate it. Their
 * columns only ever append, so that an update never changes what a query finds in an older object.
 *
 * @throws SluiceError SLUICE_CONFIGURATION where the database's name is unknown; SLUICE_SCHEMA_INVALID where no table can
 *   hold the history.
 */
export class EventTable extends Construct {
  readonly table: CfnResource;
  readonly allRowsView: CfnResource;
  readonly view: CfnResource;

  constructor(scope: Construct, id: string, { history, database, bucket, partitionBy = 'arrival' }: EventTableProps) {
    super(scope, id);
    const layout = deriveLayout(history);
    const { all, deduplicated } = deriveAthenaViews(layout, { database: knownDatabase(database), partitionBy });
    const bucketUri = `s3://${bucket.bucketName}`;
    this.table = glueTable(this, 'Table', database, deriveTable(layout, { bucketUri, partitionBy }));
    this.allRowsView = glueTable(this, 'AllRowsView', database, all);
    this.view = glueTable(this, 'View', database, deduplicated);
    // So that nobody finds a view whose table is not there yet, nor a view with columns that the table has not.
    this.allRowsView.addResourceDependency(this.table);
    this.view.addResourceDependency(this.allRowsView);
  }
}
