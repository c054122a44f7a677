import type { Mutant } from '../mutant.ts';

const ENCODE = 'src/codec/encode.ts';
const DECODE = 'src/codec/decode.ts';

/** Faults in text, bytes and keys. */
export const TEXT_FAULTS: readonly Mutant[] = [
  {
    id: 'text-length-in-units',
    description: 'The length of a text is counted in UTF-16 units, not in bytes',
    file: 'src/codec/avro-sink.ts',
    find: 'const bytes = Buffer.byteLength(value);',
    replace: 'const bytes = value.length;',
  },
  {
    id: 'text-latin1-written',
    description: 'Short text with an umlaut is written as Latin-1',
    file: 'src/codec/avro-sink.ts',
    find: 'if (unit > 0x7f) break;',
    replace: 'if (unit > 0xff) break;',
  },
  {
    id: 'text-latin1-read',
    description: 'Short text with an umlaut is read as Latin-1',
    file: 'src/codec/avro-source.ts',
    find: 'if (byte > 0x7f) break;',
    replace: '',
  },
  {
    id: 'text-mark-stripped',
    description: 'A byte-order mark at the start of a text is lost',
    file: 'src/codec/avro-source.ts',
    find: "return bytes.toString('utf8');",
    replace: 'return new TextDecoder().decode(bytes);',
  },
  {
    id: 'text-trimmed',
    description: 'Text loses the spaces around it',
    file: DECODE,
    find: 'return (source) => JSON.stringify(source.text());',
    replace: 'return (source) => JSON.stringify(source.text().trim());',
  },
  {
    id: 'text-normalized',
    description: 'Text is brought into one of its Unicode normal forms',
    file: DECODE,
    find: 'return (source) => JSON.stringify(source.text());',
    replace: "return (source) => JSON.stringify(source.text().normalize('NFC'));",
  },
  {
    id: 'text-cut',
    description: 'Text is cut at 255 characters',
    file: DECODE,
    find: 'return (source) => JSON.stringify(source.text());',
    replace: 'return (source) => JSON.stringify(source.text().slice(0, 255));',
  },
  {
    id: 'text-surrogate',
    description: 'Half a character is taken, and becomes a replacement character',
    file: ENCODE,
    find: "else if (!value.isWellFormed()) context.fault('SLUICE_TEXT',",
    replace: "else if (value.length < 0) context.fault('SLUICE_TEXT',",
  },
  {
    id: 'body-mark-taken',
    description: 'A body with a byte-order mark is taken as if it had none',
    file: 'src/codec/json-body.ts',
    find: "return refuse('SLUICE_BODY_ENCODING', 'leave out the byte-order mark at the start');",
    replace: 'return parseBody(bytes.subarray(3));',
  },
  {
    id: 'bytes-url-alphabet',
    description: 'Bytes are read as base64 for URLs',
    file: DECODE,
    find: "take(source).toString('base64')",
    replace: "take(source).toString('base64').replaceAll('+', '-').replaceAll('/', '_')",
  },
  {
    id: 'bytes-unpadded',
    description: 'Bytes are read as base64 without its padding',
    file: DECODE,
    find: "take(source).toString('base64')",
    replace: "take(source).toString('base64').replace(/=+$/, '')",
  },
  {
    id: 'bytes-sloppy',
    description: 'Text that is not quite base64 is taken for what can be made of it',
    file: ENCODE,
    find: "if (bytes.toString('base64') !== value) {",
    replace: "if (bytes.length === 0 && value !== '') {",
  },
  {
    id: 'fixed-any-length',
    description: 'Bytes of any length are taken for a fixed',
    file: ENCODE,
    find: '} else if (bytes.length !== size) {',
    replace: '} else if (bytes.length > size * 1_000) {',
  },
  {
    id: 'uuid-digits-moved',
    description: 'The dashes of a fixed UUID stand in the wrong places',
    file: DECODE,
    find: '${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-',
    replace: '${hex.slice(0, 8)}-${hex.slice(12, 16)}-${hex.slice(8, 12)}-',
  },
  {
    id: 'uuid-any-text',
    description: 'Any text of 36 characters is taken for a UUID',
    file: 'src/codec/uuid.ts',
    find: '/^[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$/',
    replace: '/^.{8}-(?:.{4}-){3}.{12}$/',
  },
  {
    id: 'map-key-lost',
    description: 'A map key called __proto__ is lost',
    file: ENCODE,
    find: 'const entries = Object.entries(value);',
    replace: 'const entries = Object.entries(Object.assign({}, value));',
  },
  {
    id: 'map-key-bare',
    description: 'A map key with a quotation mark is written into JSON as it is',
    file: DECODE,
    find: '([name, text]) => `${JSON.stringify(name)}:${text}`',
    replace: '([name, text]) => `"${name}":${text}`',
  },
  {
    id: 'map-key-folded',
    description: 'Map keys that differ in their case are one key',
    file: DECODE,
    find: 'members.set(key, value(source));',
    replace: 'members.set(key.toLowerCase(), value(source));',
  },
];
