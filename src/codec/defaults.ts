import type { Node } from '../schema/ast.ts';
import { AvroSink } from './avro-sink.ts';

/**
 * The Avro bytes of a field's default. Defaults are written in Avro's own JSON, not in the edge's: bytes are Latin-1
 * text, logical types are their underlying values, a union's default is of its first branch.
 * Source: Apache Avro 1.12 specification, "Complex Types", table "field default values".
 */
export function encodeDefault(node: Node, value: unknown): Buffer {
  const sink = new AvroSink();
  write(node, value, sink);
  return sink.copyFrom(0);
}

function write(node: Node, value: unknown, sink: AvroSink): void {
  switch (node.kind) {
    case 'null':
      return;
    case 'boolean':
      return sink.byte(value === true ? 1 : 0);
    case 'int':
    case 'long':
      return sink.long(value as number);
    case 'float':
      return sink.float(value as number);
    case 'double':
      return sink.double(value as number);
    case 'string':
      return sink.text(value as string);
    case 'bytes':
      return sink.lengthAndBytes(Buffer.from(value as string, 'latin1'));
    case 'fixed':
      return sink.bytes(Buffer.from(value as string, 'latin1'));
    case 'enum':
      return sink.long(node.symbols.indexOf(value as string));
    case 'array': {
      const items = value as unknown[];
      if (items.length > 0) sink.long(items.length);
      for (const item of items) write(node.items, item, sink);
      return sink.long(0);
    }
    case 'map': {
      const entries = Object.entries(value as object);
      if (entries.length > 0) sink.long(entries.length);
      for (const [key, item] of entries) {
        sink.text(key);
        write(node.values, item, sink);
      }
      return sink.long(0);
    }
    case 'union':
      sink.long(0);
      return write(node.branches[0]!, value, sink);
    case 'record':
      for (const field of node.fields) {
        const given = (value as Record<string, unknown>)[field.name];
        write(field.node, given === undefined ? field.default : given, sink);
      }
  }
}
