import { branchName, type Field, isRecursive, type Logical, type Node, type RecordNode } from '../schema/ast.ts';
import { unionForm } from '../schema/union-form.ts';

/** A Schema Object of OpenAPI 3.0.3. */
export type OpenApiSchema = Readonly<Record<string, unknown>>;

/**
 * The edge's JSON of one event type as OpenAPI schemas. They describe and never enforce, so unlike the request model
 * they may say all that OpenAPI can: unions, recursion, formats.
 * Personal data is marked by `x-pii`, with what becomes of it as the schema says.
 *
 * @returns the schemas by component name: the event itself under the event type, recursive records under
 *   `<event type>--<record name>`.
 */
export function componentSchemas(eventType: string, root: RecordNode): Readonly<Record<string, OpenApiSchema>> {
  const components = new Map<string, OpenApiSchema>();
  const nameOf = (record: RecordNode) => (record === root ? eventType : `${eventType}--${record.name}`);

  const schemaOf = (node: Node): OpenApiSchema => {
    switch (node.kind) {
      case 'record':
        if (!isRecursive(node)) return recordSchema(node);
        define(node);
        return { $ref: `#/components/schemas/${nameOf(node)}` };
      case 'array':
        return { type: 'array', items: schemaOf(node.items) };
      case 'map':
        return { type: 'object', additionalProperties: schemaOf(node.values) };
      case 'union': {
        const isTagged = unionForm(node) === 'tagged';
        const branches = node.branches.filter(({ kind }) => kind !== 'null');
        const schemas = branches.map((branch) =>
          isTagged ? tagged(branchName(branch), schemaOf(branch)) : schemaOf(branch),
        );
        const schema = schemas.length === 1 ? schemas[0]! : oneOf(schemas);
        return branches.length === node.branches.length ? schema : nullable(schema);
      }
      case 'enum':
        return { type: 'string', enum: node.symbols };
      default:
        return scalarSchema(node);
    }
  };

  const recordSchema = (record: RecordNode): OpenApiSchema => {
    const required = record.fields.filter((field) => field.default === undefined).map(({ name }) => name);
    return {
      type: 'object',
      ...(record.doc === undefined ? {} : { description: record.doc }),
      properties: Object.fromEntries(record.fields.map((field) => [field.name, fieldSchema(field)])),
      ...(required.length === 0 ? {} : { required }),
      additionalProperties: false,
    };
  };

  const fieldSchema = ({ pii, ...field }: Field): OpenApiSchema => {
    const schema = describedSchema(field);
    if (pii === undefined) return schema;
    return '$ref' in schema ? { allOf: [schema], 'x-pii': pii } : { ...schema, 'x-pii': pii };
  };

  const describedSchema = ({ node, doc }: Field): OpenApiSchema => {
    const schema = schemaOf(node);
    if (doc === undefined) return schema;
    // What stands beside a `$ref` is ignored.
    if ('$ref' in schema) return { description: doc, allOf: [schema] };
    const description = 'description' in schema ? `${doc}\n\n${schema.description}` : doc;
    return { ...schema, description };
  };

  const define = (record: RecordNode): void => {
    const name = nameOf(record);
    if (components.has(name)) return;
    components.set(name, {});
    components.set(name, recordSchema(record));
  };

  define(root);
  return Object.fromEntries(components);
}

type Scalar = Exclude<Node, { kind: 'record' | 'array' | 'map' | 'union' | 'enum' }>;

/** OpenAPI 3.0 has no null type; a text that can only be null is the nearest. */
const NULL: OpenApiSchema = { type: 'string', nullable: true, enum: [null] };

function nullable(schema: OpenApiSchema): OpenApiSchema {
  if ('oneOf' in schema) return { ...schema, oneOf: [...(schema.oneOf as OpenApiSchema[]), NULL] };
  // `nullable` counts only beside a `type`.
  if (!('type' in schema)) return oneOf([schema, NULL]);
  const values = 'enum' in schema ? { enum: [...(schema.enum as unknown[]), null] } : {};
  return { ...schema, nullable: true, ...values };
}

function oneOf(schemas: readonly OpenApiSchema[]): OpenApiSchema {
  return { oneOf: schemas };
}

function tagged(name: string, schema: OpenApiSchema): OpenApiSchema {
  return { type: 'object', properties: { [name]: schema }, required: [name], additionalProperties: false };
}

function scalarSchema(node: Scalar): OpenApiSchema {
  const logical: Logical | undefined = node.logical;
  switch (logical?.type) {
    case 'decimal':
      return {
        type: 'string',
        pattern: '^-?[0-9]+([.][0-9]+)?$',
        description: `Decimal of at most ${logical.precision} digits, ${logical.scale} of them after the point.`,
      };
    case 'uuid':
      return { type: 'string', format: 'uuid' };
    case 'date':
      return { type: 'string', format: 'date' };
    case 'time-millis':
      return timeOfDay(3);
    case 'time-micros':
      return timeOfDay(6);
    case 'timestamp-millis':
    case 'timestamp-micros':
    case 'timestamp-nanos':
      return { ...oneOf([{ type: 'string', format: 'date-time' }, INT64]), description: epochNote(logical.type) };
    case 'local-timestamp-millis':
    case 'local-timestamp-micros':
    case 'local-timestamp-nanos':
      return {
        ...oneOf([{ type: 'string', pattern: LOCAL_TIMESTAMP }, INT64]),
        description: `Local time without an offset. ${epochNote(logical.type)}`,
      };
  }
  switch (node.kind) {
    case 'null':
      return NULL;
    case 'boolean':
      return { type: 'boolean' };
    case 'int':
      return { type: 'integer', format: 'int32', minimum: -2147483648, maximum: 2147483647 };
    case 'long':
      return {
        ...oneOf([INT64, { type: 'string', pattern: '^-?(0|[1-9][0-9]{0,18})$' }]),
        description: `Whole number of 64 bits; beyond ${Number.MAX_SAFE_INTEGER} as a string of digits.`,
      };
    case 'float':
    case 'double':
      return oneOf([
        { type: 'number', format: node.kind },
        { type: 'string', enum: ['NaN', 'Infinity', '-Infinity'] },
      ]);
    case 'string':
      return { type: 'string' };
    case 'bytes':
      return { type: 'string', format: 'byte' };
    case 'fixed': {
      const length = Math.ceil(node.size / 3) * 4;
      return { type: 'string', format: 'byte', minLength: length, maxLength: length };
    }
  }
}

/** A 64-bit number that JSON carries without losing digits. */
const INT64: OpenApiSchema = {
  type: 'integer',
  format: 'int64',
  minimum: Number.MIN_SAFE_INTEGER,
  maximum: Number.MAX_SAFE_INTEGER,
};

const LOCAL_TIMESTAMP = '^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?$';

function timeOfDay(digits: number): OpenApiSchema {
  return {
    type: 'string',
    pattern: '^[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?$',
    description: `Time of day, HH:mm:ss with a fraction of up to ${digits} digits.`,
  };
}

/** Names the unit of a timestamp that is sent as a number. */
function epochNote(type: string): string {
  const unit = type.slice(type.lastIndexOf('-') + 1).replace(/s$/, '');
  return `As a number: ${unit}seconds since 1970-01-01T00:00:00.`;
}
