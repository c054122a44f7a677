import fc from 'fast-check';
import type { EnumNode, LogicalType } from '../../src/schema/ast.ts';
import { type Break, breakBy } from './broken.ts';
import type { Scalar } from './held.ts';
import { timeDigits } from './iso-text.ts';
import { decimalLimits } from './numbers.ts';

const quote = (texts: readonly string[]): string[] => texts.map((text) => JSON.stringify(text));

const badFormat = (texts: readonly string[]): Break => breakBy('bad format', 'string', 'SLUICE_FORMAT', quote(texts));

/** Values of the right JSON shape that a scalar's type must not take. */
export function scalarBreaks(node: Scalar): readonly Break[] {
  const logical = node.logical;
  if (logical === undefined) return plainBreaks(node);
  switch (logical.type) {
    case 'decimal':
      return decimalBreaks(logical, node.kind === 'fixed' ? node.size : undefined);
    case 'uuid':
      return [badFormat(BAD_UUIDS)];
    case 'duration':
      return [badFormat(BAD_BASE64), wrongLength(12)];
    case 'date':
      return [
        badFormat(BAD_DATES),
        breakBy('out of range', 'string', 'SLUICE_RANGE', ['"0000-01-01"', '"0000-12-31"']),
      ];
    case 'time-millis':
    case 'time-micros':
      return [
        badFormat(BAD_TIMES),
        badFormat(NO_TIMES),
        breakBy('precision lost', 'string', 'SLUICE_PRECISION', [`"12:00:00${tooFine(timeDigits(logical.type))}"`]),
      ];
    default:
      return instantBreaks(logical.type);
  }
}

/** Symbols that an enum does not have, though some other has. */
export function enumBreaks({ symbols }: EnumNode): readonly Break[] {
  const near = symbols
    .slice(0, 3)
    .flatMap((symbol) => [`${symbol} `, ` ${symbol}`, symbol.toUpperCase(), symbol.slice(1)]);
  const others = ['', 'no such symbol', 'constructor', 'toString', '__proto__', '0', ...near];
  const unknown = others.filter((symbol) => !symbols.includes(symbol));
  return [breakBy('enum symbol', 'string', 'SLUICE_ENUM_SYMBOL', quote(unknown))];
}

/** Text that is half a character somewhere. JSON can write it, UTF-8 cannot. */
export const LONE_SURROGATES = ['\ud800', 'a\udfffb', '\ud83dA', '\ude00\ud83d', '\ud83d\ud83d\ude00'] as const;

const NO_WHOLE_NUMBER = breakBy('no whole number', 'number', 'SLUICE_TYPE', ['0.5', '-1.5', '1e-3', '2147483646.75']);
const BAD_DIGITS = ['01', '-0', '+1', '', ' 1', '1 ', '1.0', '1e2', '0x10', '1_000', '١', 'NaN', '--1', '-'];
const BAD_FLOATS = ['nan', 'inf', 'infinity', '+Infinity', '1.5', '', 'Infinity ', '-NaN'];
const BAD_BASE64 = ['AP8', 'AP9=', 'A-_=', 'AP8= ', 'A', '\n', '====', 'AP8=AP8=', '💥'];
const BAD_UUIDS = [
  '',
  '6ba7b8109dad11d180b400c04fd430c8',
  '{6ba7b810-9dad-11d1-80b4-00c04fd430c8}',
  'urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  '6ba7b810-9dad-11d1-80b4-00c04fd430cg',
  '6ba7b810-9dad-11d1-80b4-00c04fd430c8\n',
  '6ba7b81-09dad-11d1-80b4-00c04fd430c8',
];
const BAD_DATES = [
  '',
  '2026-1-31',
  '2026-02-29',
  '1900-02-29',
  '2026-13-01',
  '2026-00-10',
  '2026-04-31',
  '2026-01-31T00:00:00Z',
  '+12026-01-01',
  '10000-01-01',
  '31.01.2026',
  ' 2026-01-31',
];
const BAD_TIMES = ['', '12:00', '1:00:00', '12:00:00Z', '12:00:00.', '12:00:00,5'];
/** Of the right form, and yet none: a break of its own, since nothing but the numbers is wrong. */
const NO_TIMES = ['24:00:00', '23:60:00', '23:59:60'];

/** A fraction of a second with one digit more than the unit has. */
const tooFine = (digits: number): string => `.${'0'.repeat(digits)}1`;

function wrongLength(size: number): Break {
  const sizes = [size + 1, size + 3, ...(size > 0 ? [size - 1, 0] : [])];
  const texts = sizes.map((bytes) => Buffer.alloc(bytes, 0xa5).toString('base64'));
  return breakBy('wrong length', 'string', 'SLUICE_LENGTH', quote(texts));
}

function plainBreaks(node: Scalar): readonly Break[] {
  switch (node.kind) {
    case 'int':
      return [
        NO_WHOLE_NUMBER,
        breakBy('out of range', 'number', 'SLUICE_RANGE', ['2147483648', '-2147483649', '9007199254740993', '1e400']),
      ];
    case 'long':
      return [
        NO_WHOLE_NUMBER,
        badFormat(BAD_DIGITS),
        breakBy('out of range', 'number', 'SLUICE_RANGE', ['9223372036854775808', '-1e19', '1e400', '-1e400']),
        breakBy('out of range', 'string', 'SLUICE_RANGE', beyondLong),
        breakBy('precision lost', 'number', 'SLUICE_PRECISION', ['9007199254740992', '-9007199254740993', '1e18']),
      ];
    case 'float':
      return [
        badFormat(BAD_FLOATS),
        breakBy('out of range', 'number', 'SLUICE_RANGE', ['3.5e38', '-1e39', '1.7976931348623157e308', '1e400']),
      ];
    case 'double':
      return [badFormat(BAD_FLOATS), breakBy('out of range', 'number', 'SLUICE_RANGE', ['1e400', '-1.8e308'])];
    case 'string':
      return [breakBy('lone surrogate', 'string', 'SLUICE_TEXT', quote(LONE_SURROGATES))];
    case 'bytes':
      return [badFormat(BAD_BASE64)];
    case 'fixed':
      return [badFormat(BAD_BASE64), wrongLength(node.size)];
    default:
      return [];
  }
}

const beyondLong = fc
  // What has as many digits as the longest long is refused by its value alone.
  .tuple(fc.oneof(fc.bigInt({ min: 0n, max: 9n }), fc.bigInt({ min: 0n, max: 10n ** 30n })), fc.boolean())
  .map(([more, below]) => `"${below ? -(2n ** 63n) - 1n - more : 2n ** 63n + more}"`);

const BAD_DECIMALS = ['', '1e3', '+1', '1,000', '.5', '1.', '- 1', ' 1', 'NaN', '１', '0x1', '1.2.3', '--1'];

function decimalBreaks({ precision, scale }: { precision: number; scale: number }, size: number | undefined): Break[] {
  const { min, max } = decimalLimits(precision, size);
  const fraction = scale === 0 ? '' : `.${'0'.repeat(scale)}`;
  const tooLong = `1${'0'.repeat(precision - scale)}${fraction}`;
  const beyond = [max + 1n, min - 1n].map((unscaled) => {
    const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
    const [whole, rest] = scale === 0 ? [digits, ''] : [digits.slice(0, -scale), `.${digits.slice(-scale)}`];
    return `${unscaled < 0n ? '-' : ''}${whole}${rest}`;
  });
  return [
    badFormat(BAD_DECIMALS),
    breakBy('out of range', 'string', 'SLUICE_RANGE', quote([tooLong, `-${tooLong}`, ...beyond])),
    breakBy(
      'precision lost',
      'string',
      'SLUICE_PRECISION',
      quote([`0.${'0'.repeat(scale)}1`, `-0.${'0'.repeat(scale)}9`]),
    ),
  ];
}

function instantBreaks(type: Exclude<LogicalType, 'decimal'>): Break[] {
  const digits = timeDigits(type);
  const isZoned = !type.startsWith('local-');
  const zone = isZoned ? 'Z' : '';
  const withZone = (texts: readonly string[]) => texts.map((text) => text + zone);
  const times = withZone(['2026-02-29T00:00:00', '2026-01-31T24:00:00', '2026-01-31T23:59:60', '2026-01-31T12:00', '']);
  const other = withZone([
    '2026-01-31',
    '26-01-31T12:00:00',
    '2026-01-31 12:00:00 ',
    '2026-01-31T12:00:00.',
    '12026-01-31T12:00:00',
  ]);
  const zones = isZoned
    ? ['2026-01-31T12:00:00', '2026-01-31T12:00:00+24:00', '2026-01-31T12:00:00+0100', '2026-01-31T12:00:00Z Z']
    : ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00+01:00'];
  const years = withZone([
    '0000-12-31T23:59:59',
    ...(digits === 9 ? ['2262-04-12T00:00:00', '1677-09-21T00:00:00'] : []),
  ]);
  const shifted = isZoned ? ['0001-01-01T00:00:00+00:01', '9999-12-31T23:59:59-00:01'] : [];
  // Milliseconds of all years are numbers that JSON holds exactly.
  const inexact = digits === 3 ? [] : ['9007199254740992', '-9007199254740994'];
  return [
    NO_WHOLE_NUMBER,
    badFormat([...times, ...other, ...zones, '1769903998500']),
    breakBy('out of range', 'string', 'SLUICE_RANGE', quote([...years, ...shifted])),
    breakBy('out of range', 'number', 'SLUICE_RANGE', ['1e300', '-1e25', '1e400']),
    breakBy('precision lost', 'string', 'SLUICE_PRECISION', quote([`2026-01-31T12:00:00${tooFine(digits)}${zone}`])),
    ...(inexact.length === 0 ? [] : [breakBy('precision lost', 'number', 'SLUICE_PRECISION', inexact)]),
  ];
}
