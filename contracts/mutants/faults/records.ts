import type { Mutant } from '../mutant.ts';

const ENCODE = 'src/codec/encode.ts';
const DECODE = 'src/codec/decode.ts';

/** Faults in records, unions, enums and arrays: what is there, what is missing, and what it is. */
export const RECORD_FAULTS: readonly Mutant[] = [
  {
    id: 'field-null-for-default',
    description: 'A field that is not sent is null where it can be, whatever its default is',
    file: ENCODE,
    find: "const nullIndex = field.pii === 'drop' ? nullBranchOf(field.node) : undefined;",
    replace: 'const nullIndex = nullBranchOf(field.node);',
  },
  {
    id: 'field-default-for-null',
    description: 'A null that was sent is taken for a field that was not, and the default written',
    file: ENCODE,
    find: 'if (item !== undefined) {\n          present += 1;',
    replace:
      'if (item === null && field.default !== undefined) { present += 1; context.sink.bytes(field.default); } else if (item !== undefined) {\n          present += 1;',
  },
  {
    id: 'field-nullable-optional',
    description: 'A nullable field without a default may be left out',
    file: ENCODE,
    find: 'default: field.default === undefined ? undefined : absentBytes(field),',
    replace:
      'default: field.default !== undefined ? absentBytes(field) : nullBranchOf(field.node) !== undefined ? nullBytes(field.node, nullBranchOf(field.node)!) : undefined,',
  },
  {
    id: 'field-unknown-ignored',
    description: 'A field that the schema does not have is ignored',
    file: ENCODE,
    find: "context.fault('SLUICE_FIELD_UNKNOWN', unknownAdvice(key, bySpelling));",
    replace: '',
  },
  {
    id: 'field-inherited',
    description: 'A field called constructor is found in every object',
    file: ENCODE,
    find: 'inherited: field.name in Object.prototype,',
    replace: 'inherited: false,',
  },
  {
    id: 'field-missing-path',
    description: 'The path of a missing field is that of the object that lacks it',
    file: ENCODE,
    find: "context.enter(field.name);\n          context.fault('SLUICE_FIELD_MISSING', field.missing);\n          context.leave();",
    replace: "context.fault('SLUICE_FIELD_MISSING', field.missing);",
  },
  {
    id: 'field-twice',
    description: 'A key that appears twice is taken, and the last one counts',
    file: 'src/codec/codec.ts',
    find: 'if (context.keys !== keys) return',
    replace: 'if (context.keys > keys) return',
  },
  {
    id: 'index-from-one',
    description: 'The items of an array are counted from one in the path of a fault',
    file: ENCODE,
    find: 'context.enter(index);',
    replace: 'context.enter(index + 1);',
  },
  {
    id: 'path-not-left',
    description: 'After an array, the paths of faults still lead through it',
    file: ENCODE,
    find: 'encode(item, context);\n          context.leave();\n        });',
    replace: 'encode(item, context);\n          if (index + 1 < value.length) context.leave();\n        });',
  },
  {
    id: 'array-unended',
    description: 'An array that is empty is written without its end',
    file: ENCODE,
    find: 'value.forEach((item, index) => {\n          context.enter(index);\n          encode(item, context);\n          context.leave();\n        });\n      }\n      context.sink.long(0);',
    replace:
      'value.forEach((item, index) => {\n          context.enter(index);\n          encode(item, context);\n          context.leave();\n        });\n        context.sink.long(0);\n      }',
  },
  {
    id: 'array-last-lost',
    description: 'The last item of a long array is lost',
    file: DECODE,
    find: "return `[${items.join(',')}]`;",
    replace: "return `[${items.slice(0, items.length > 2 ? -1 : undefined).join(',')}]`;",
  },
  {
    id: 'block-size-unread',
    description: 'A block of items that says its size in bytes is read as if it did not',
    file: 'src/codec/avro-source.ts',
    find: '// The size of the block in bytes, for readers that skip it.\n        this.long();',
    replace: '',
  },
  {
    id: 'block-first-only',
    description: 'Of several blocks of items only the first is read',
    file: 'src/codec/avro-source.ts',
    find: 'throw dataError(`more than ${MAX_EMPTY_ITEMS} items without bytes`);\n        }\n      }',
    replace:
      'throw dataError(`more than ${MAX_EMPTY_ITEMS} items without bytes`);\n        }\n      }\n      this.long();\n      return;',
  },
  {
    id: 'enum-unknown-first',
    description: 'A symbol that an enum does not have is taken for its first one',
    file: ENCODE,
    find: "if (index === undefined) context.fault('SLUICE_ENUM_SYMBOL', advice);",
    replace: 'if (index === undefined) context.sink.long(0);',
  },
  {
    id: 'enum-case-folded',
    description: 'The symbols of an enum are taken in upper case as well',
    file: ENCODE,
    find: "const index = indexes.get(value);\n    if (index === undefined) context.fault('SLUICE_ENUM_SYMBOL'",
    replace:
      "const index = indexes.get(value) ?? indexes.get(value.toLowerCase()) ?? indexes.get(value.toUpperCase());\n    if (index === undefined) context.fault('SLUICE_ENUM_SYMBOL'",
  },
  {
    id: 'union-first-fit',
    description: 'A value of a union is read as the first branch that could hold it',
    file: DECODE,
    find: 'const exact = reader.branches.find((branch) => isSame(writer, branch));',
    replace: 'const exact: Node | undefined = undefined;',
  },
  {
    id: 'union-untagged',
    description: 'A union whose branches look alike is read without its tags',
    file: DECODE,
    find: "if (branch.kind === 'null' || unionForm(reader) === 'plain') return decode;",
    replace: 'if (branch.kind !== reader.kind) return decode;',
  },
  {
    id: 'union-null-first',
    description: 'The null of a union is taken for its first branch',
    file: ENCODE,
    find: 'context.sink.long(index);\n      branches[index]!(value, context);',
    replace: 'context.sink.long(value === null ? 0 : index);\n      branches[index]!(value, context);',
  },
  {
    id: 'union-two-tags',
    description: 'Of an object with two tags the first is taken',
    file: ENCODE,
    find: "const index = keys.length === 1 && tag !== 'null' ? indexes.get(tag!) : undefined;",
    replace: "const index = keys.length >= 1 && tag !== 'null' ? indexes.get(tag!) : undefined;",
  },
  {
    id: 'boolean-as-text',
    description: 'The text "true" is taken for true',
    file: ENCODE,
    find: "if (typeof value === 'boolean') context.sink.byte(value ? 1 : 0);",
    replace:
      "if (typeof value === 'boolean' || value === 'true' || value === 'false') context.sink.byte(value === true || value === 'true' ? 1 : 0);",
  },
  {
    id: 'pii-not-hashed',
    description: 'A field that is to be hashed is kept as it was sent',
    file: ENCODE,
    find: 'return insteadOf(encode, hashEncoder(field.node, this.#hash));',
    replace: 'return encode;',
  },
  {
    id: 'pii-not-dropped',
    description: 'A field that is to be dropped is kept as it was sent',
    file: ENCODE,
    find: 'return insteadOf(encode, (_, context) => context.sink.bytes(dropped));',
    replace: 'return dropped.length < 0 ? encode : encode;',
  },
  {
    id: 'pii-unchecked',
    description: 'What is to be hashed is not looked at before',
    file: ENCODE,
    find: 'context.personally(check, value);',
    replace: '',
  },
];
