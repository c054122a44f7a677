import fc from 'fast-check';
import { MAX_DEPTH } from '../../src/codec/json-body.ts';
import { showWay } from '../../src/codec/json-path.ts';
import type { ErrorCode } from '../../src/errors.ts';
import type { Field, RecordNode } from '../../src/schema/ast.ts';
import { type BodyOptions, bodiesOf, idsOf, piecesOf } from './bodies.ts';
import { Breaks } from './breaks.ts';
import { anyOf, type Break, type Breakage, breakBy } from './broken.ts';

/** A good body that was broken at one place. */
export interface RefusedBody {
  readonly text: string;
  /** JSONPath that the refusal must name; keys of senders within personal data are hidden. */
  readonly path: string;
  /** With one of these. */
  readonly codes: readonly ErrorCode[];
}

/** One with the name of what was done to it. */
export interface BrokenBody extends RefusedBody {
  readonly breakage: Breakage;
}

/**
 * Bodies that the edge must refuse, when they are sent as this version of the event type: an earlier one may take them.
 *
 * @throws NoBody
 */
export function refusedBodiesOf(root: RecordNode, options: BodyOptions = {}): fc.Arbitrary<RefusedBody> {
  return brokenBodiesOf(root, options).map(({ text, path, codes }) => ({ text, path, codes }));
}

/** The same, each with its breakage. @throws NoBody */
export function brokenBodiesOf(root: RecordNode, options: BodyOptions = {}): fc.Arbitrary<BrokenBody> {
  const { pieces, levels } = piecesOf(root, options);
  const ids = idsOf(options);
  const members = pieces.members(root, levels, 'ample', ids);
  const breaks = new Breaks(pieces).record(root, levels, false, members, (field) => idBreaks(field, options));
  const within = anyOf(breaks).map(({ way, ...of }): BrokenBody => ({ ...of, path: showWay(way) }));
  const whole = wholeBreaks(bodiesOf(root, options).map(({ text }) => text.trim()));
  return fc.oneof({ weight: 8, arbitrary: within }, { weight: 1, arbitrary: whole });
}

/** Texts that are good ones for the field's type, and no ids. */
function idBreaks({ name, node }: Field, { eventId }: BodyOptions): readonly Break[] {
  if (name !== eventId || node.kind !== 'string' || node.logical !== undefined) return [];
  const texts = ['', ' ', 'a b', 'é', 'a/b', 'a\n', '\0', 'x'.repeat(129), '%20'];
  return [
    breakBy(
      'no event id',
      'string',
      'SLUICE_EVENT_ID',
      texts.map((text) => JSON.stringify(text)),
    ),
  ];
}

/** Breaks that are about no field: they are found before any schema is looked at, or without one. */
function wholeBreaks(good: fc.Arbitrary<string>): fc.Arbitrary<BrokenBody> {
  const spoil = (
    breakage: Breakage,
    code: ErrorCode,
    spoils: fc.Arbitrary<(text: string) => string>,
  ): fc.Arbitrary<BrokenBody> =>
    fc.tuple(good, spoils).map(([text, how]) => ({ breakage, text: how(text), path: '$', codes: [code] }));
  const instead = (texts: readonly string[]) => fc.constantFrom(...texts).map((text) => () => text);
  return fc.oneof(
    spoil('no object', 'SLUICE_TYPE', instead(['null', 'true', '0', '"{}"', '[]', '[{}]'])),
    spoil('blank', 'SLUICE_BODY_EMPTY', instead(['', ' ', '\n', '\t\r\n '])),
    spoil(
      'byte-order mark',
      'SLUICE_BODY_ENCODING',
      fc.constant((text: string) => `\ufeff${text}`),
    ),
    spoil(
      'too deep',
      'SLUICE_JSON_TOO_DEEP',
      fc.tuple(fc.integer({ min: MAX_DEPTH, max: MAX_DEPTH + 40 }), fc.boolean()).map(
        ([levels, isArray]) =>
          (text: string) =>
            withMember(text, '"deep"', nested(levels, isArray)),
      ),
    ),
    spoil(
      'trailing garbage',
      'SLUICE_JSON_SYNTAX',
      fc.constantFrom('}', ',', ' {}', '\n{}', 'x', '\0', ']', '//').map((tail) => (text: string) => text + tail),
    ),
    spoil(
      'cut off',
      'SLUICE_JSON_SYNTAX',
      fc.double({ min: 0, max: 1, noNaN: true }).map((part) => (text: string) => cut(text, part)),
    ),
    spoil(
      'no JSON',
      'SLUICE_JSON_SYNTAX',
      fc.constantFrom(
        (text: string) => withMember(text, "'x'", '0'),
        (text: string) => withMember(text, 'x', '0'),
        (text: string) => withMember(text, '"x"', '01'),
        (text: string) => withMember(text, '"x"', 'NaN'),
        (text: string) => withMember(text, '"x"', '+1'),
        (text: string) => withMember(text, '"x"', '1.'),
        (text: string) => withMember(text, '"x"', '"\n"'),
        (text: string) => withMember(text, '"x"', '"\\x41"'),
        (text: string) => withMember(text, '"x"', '[0,]'),
        (text: string) => `/* */${text}`,
        (text: string) => `${text.slice(0, -1)},}`,
      ),
    ),
  );
}

/** An object's text with one more member in front. */
function withMember(text: string, key: string, value: string): string {
  const rest = text.slice(1).trimStart();
  return `{${key}:${value}${rest === '}' ? '' : ','}${rest}`;
}

function nested(levels: number, isArray: boolean): string {
  return isArray ? '['.repeat(levels) + ']'.repeat(levels) : `${'{"":'.repeat(levels)}0${'}'.repeat(levels)}`;
}

/** Some of a text, but not all, and no half characters. */
function cut(text: string, part: number): string {
  return text.slice(0, Math.min(text.length - 1, Math.max(1, Math.floor(text.length * part)))).toWellFormed();
}
