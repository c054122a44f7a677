import type { Mutant } from '../mutant.ts';

const FILE = 'src/derive/model.ts';

/** Faults that make the request model stricter than the codec, so that good events are turned away. */
export const MODEL_FAULTS: readonly Mutant[] = [
  {
    id: 'model-all-required',
    description: 'The model requires a field that has a default',
    file: FILE,
    find: '.filter((field) => field.default === undefined).map((field) => field.name)',
    replace: '.map((field) => field.name)',
  },
  {
    id: 'model-not-null',
    description: 'The model of a nullable field does not take null',
    file: FILE,
    find: "type: [...types, 'null'],",
    replace: 'type: types,',
  },
  {
    id: 'model-enum-not-null',
    description: 'The model of a nullable enum does not take null',
    file: FILE,
    find: 'enum: [...(model.enum as unknown[]), null]',
    replace: 'enum: [...(model.enum as unknown[])]',
  },
  {
    id: 'model-uuid-upper-case',
    description: 'The model takes a UUID in upper case only',
    file: FILE,
    find: '^[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$',
    replace: '^[0-9A-F]{8}-([0-9A-F]{4}-){3}[0-9A-F]{12}$',
  },
  {
    id: 'model-decimal-fraction',
    description: 'The model requires digits after the point of a decimal',
    file: FILE,
    find: "'^-?[0-9]+([.][0-9]+)?$'",
    replace: "'^-?[0-9]+[.][0-9]+$'",
  },
  {
    id: 'model-long-number',
    description: 'The model takes a long as a number only',
    file: FILE,
    find: "return { type: ['integer', 'string'], pattern: '^-?[0-9]+$' };",
    replace: "return { type: 'integer' };",
  },
  {
    id: 'model-double-finite',
    description: 'The model takes a double as a number only',
    file: FILE,
    find: "return { type: ['number', 'string'], pattern: '^(NaN|-?Infinity)$' };",
    replace: "return { type: 'number' };",
  },
  {
    id: 'model-timestamp-text',
    description: 'The model takes an instant as text only',
    file: FILE,
    find: "return { type: ['string', 'integer'], pattern: '^[0-9]{4}",
    replace: "return { type: 'string', pattern: '^[0-9]{4}",
  },
  {
    id: 'model-timestamp-t',
    description: 'The model takes no space between day and time',
    file: FILE,
    find: '[0-9]{2}[Tt ][0-9]{2}',
    replace: '[0-9]{2}T[0-9]{2}',
  },
  {
    id: 'model-base64-letters',
    description: 'The model of bytes lacks + and /',
    file: FILE,
    find: '^[A-Za-z0-9+/]*={0,2}$',
    replace: '^[A-Za-z0-9]*={0,2}$',
  },
  {
    id: 'model-newest-only',
    description: 'The model takes bodies of the newest version only',
    file: FILE,
    find: '.reduce(eitherVersion)',
    replace: '.at(-1)!',
  },
  {
    id: 'model-required-by-either',
    description: 'The model requires what any version requires',
    file: 'src/derive/model-union.ts',
    find: '((earlier.required ?? []) as string[]).includes(name),',
    replace: 'name !== undefined,',
  },
  {
    id: 'model-inherited',
    description: 'The model finds a field called constructor in every object',
    file: 'src/stages/model-validator.ts',
    find: 'ownProperties: true',
    replace: 'ownProperties: false',
  },
];
