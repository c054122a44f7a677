import type { SchemaHistory } from '../schema/history.ts';
import { publishedText } from '../schema/published-text.ts';
import { deriveAthenaViews, type ViewInput } from './athena-views.ts';
import { deriveLayout } from './layout.ts';
import { deriveMappingTemplates } from './mapping-template.ts';
import { deriveModel } from './model.ts';
import { modelName, objectPrefix, subjectName, topicName } from './names.ts';
import { deriveTable, type GlueColumn } from './table.ts';
import { deriveTopic } from './topic.ts';

/** A column as Terraform's `aws_glue_catalog_table` asks for it. */
export interface TerraformColumn {
  readonly name: string;
  readonly type: string;
  readonly comment: string;
}

/**
 * What one event type makes of a Terraform module. Every event type has exactly these members, of the same types, so that
 * all of them are one `map(object({ .. }))`; what differs from type to type is JSON text.
 */
export interface TerraformEventType {
  /** Digest of the history that all of it is derived from. */
  readonly contract: string;
  readonly path: string;
  readonly model: { readonly name: string; readonly schema: string };
  /** Templates of API Gateway's integration with SQS; see `MappingTemplates`. */
  readonly mapping_templates: Readonly<Record<'request' | 'accepted' | 'refused' | 'unsure' | 'unexpected', string>>;
  readonly topic: {
    readonly name: string;
    readonly partitions: number;
    readonly config: Readonly<Record<string, string>>;
  };
  readonly subject: { readonly name: string; readonly versions: readonly string[] };
  readonly table: {
    readonly name: string;
    readonly description: string;
    readonly parameters: Readonly<Record<string, string>>;
    /** Below the bucket. */
    readonly location: string;
    /** `storage.location.template` below the bucket, with Athena's own placeholders. */
    readonly location_template: string;
    readonly columns: readonly TerraformColumn[];
    readonly partition_keys: readonly TerraformColumn[];
    readonly input_format: string;
    readonly output_format: string;
    readonly serde: { readonly library: string; readonly parameters: Readonly<Record<string, string>> };
  };
  readonly views: Readonly<Record<'all_rows' | 'deduplicated', TerraformView>>;
}

export interface TerraformView {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly columns: readonly TerraformColumn[];
  /** `view_original_text` and `view_expanded_text`. */
  readonly original_text: string;
  readonly expanded_text: string;
}

/** The content of a `.tfvars.json` file: one variable, with the event types by name. */
export interface TerraformVariables {
  readonly sluice_event_types: Readonly<Record<string, TerraformEventType>>;
}

const BUCKET = 's3://bucket/';

/**
 * Derives the variables of a Terraform module from histories.
 *
 * Source of the form: Terraform, "Variable Definitions (.tfvars) Files": JSON whose texts are taken literally, so that
 * `${dt}` stays what it is.
 *
 * @param options.database the Glue database that the views name.
 * @throws SluiceError SLUICE_SCHEMA_INVALID where no table or view can hold a layout.
 */
export function deriveTfvars(
  histories: readonly SchemaHistory[],
  options: { readonly database: string },
): TerraformVariables {
  const types = histories.map((history) => [history.eventType, eventTypeOf(history, options.database)] as const);
  return { sluice_event_types: Object.fromEntries(types) };
}

function eventTypeOf(history: SchemaHistory, database: string): TerraformEventType {
  const { eventType, versions, digest } = history;
  const layout = deriveLayout(history);
  const { Name, Description, Parameters, PartitionKeys, StorageDescriptor } = deriveTable(layout, {
    bucketUri: BUCKET,
  });
  const { 'storage.location.template': template = '', ...parameters } = Parameters;
  const { request, accepted, refused, unsure, unexpected } = deriveMappingTemplates(history);
  const { partitions, config } = deriveTopic(history);
  const views = deriveAthenaViews(layout, { database });
  return {
    contract: digest,
    path: `/events/${eventType}`,
    model: { name: modelName(eventType), schema: JSON.stringify(deriveModel(history)) },
    mapping_templates: { request, accepted, refused, unsure, unexpected },
    topic: { name: topicName(eventType), partitions, config },
    subject: { name: subjectName(eventType), versions: versions.map(({ definition }) => publishedText(definition)) },
    table: {
      name: Name,
      description: Description,
      parameters,
      location: objectPrefix(eventType),
      location_template: template.slice(BUCKET.length),
      columns: StorageDescriptor.Columns.map(column),
      partition_keys: PartitionKeys.map(column),
      input_format: StorageDescriptor.InputFormat,
      output_format: StorageDescriptor.OutputFormat,
      serde: {
        library: StorageDescriptor.SerdeInfo.SerializationLibrary,
        parameters: StorageDescriptor.SerdeInfo.Parameters,
      },
    },
    views: { all_rows: view(views.all), deduplicated: view(views.deduplicated) },
  };
}

function view({ Name, Parameters, StorageDescriptor, ViewOriginalText, ViewExpandedText }: ViewInput): TerraformView {
  return {
    name: Name,
    parameters: Parameters,
    columns: StorageDescriptor.Columns.map(column),
    original_text: ViewOriginalText,
    expanded_text: ViewExpandedText,
  };
}

/** Always with a comment: the members of a list of objects are of one type. */
function column({ Name, Type, Comment = '' }: GlueColumn): TerraformColumn {
  return { name: Name, type: Type, comment: Comment };
}
