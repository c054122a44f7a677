import fc from 'fast-check';
import { PERSONAL_DATA } from '../../src/codec/personal-places.ts';
import {
  type ArrayNode,
  branchName,
  type Field,
  type MapNode,
  type Node,
  type RecordNode,
  type UnionNode,
} from '../../src/schema/ast.ts';
import { shapesOf, unionForm } from '../../src/schema/union-form.ts';
import { anyOf, type Break, type Broken, breakBy, USUAL, wrongShapes } from './broken.ts';
import { enumBreaks, LONE_SURROGATES, scalarBreaks } from './broken-scalars.ts';
import { mapKey } from './hostile-texts.ts';
import { arrayText, laidOut, objectText } from './json-text.ts';
import type { Member, Pieces } from './pieces.ts';
import { tagLevels } from './reach.ts';

/** Breaks values of any type within a schema at one place; everything around the place is good. */
export class Breaks {
  readonly #pieces: Pieces;
  readonly #known = new Map<Node, Map<string, readonly Break[]>>();

  constructor(pieces: Pieces) {
    this.#pieces = pieces;
  }

  /**
   * @param levels of JSON that are left, as for `Pieces`.
   * @param isPersonal within a field that is personal data: paths hide the sender's own keys.
   */
  of(node: Node, levels: number, isPersonal: boolean): readonly Break[] {
    const byPlace = this.#known.get(node) ?? new Map<string, readonly Break[]>();
    this.#known.set(node, byPlace);
    const place = `${levels} ${isPersonal}`;
    const known = byPlace.get(place);
    if (known !== undefined) return known;
    const made = this.#make(node, levels, isPersonal);
    byPlace.set(place, made);
    return made;
  }

  #make(node: Node, levels: number, isPersonal: boolean): readonly Break[] {
    if (node.kind === 'union') return this.#union(node, levels, isPersonal);
    return [...wrongShapes(shapesOf(node), 'wrong shape', 'SLUICE_TYPE'), ...this.#within(node, levels, isPersonal)];
  }

  #within(node: Exclude<Node, UnionNode>, levels: number, isPersonal: boolean): readonly Break[] {
    switch (node.kind) {
      case 'record':
        return this.record(node, levels, isPersonal);
      case 'array':
        return this.#array(node, levels, isPersonal);
      case 'map':
        return this.#map(node, levels, isPersonal);
      case 'enum':
        return enumBreaks(node);
      default:
        return scalarBreaks(node);
    }
  }

  /**
   * Breaks of a record's fields, and of which of them there are.
   *
   * @param members good values of all fields; `Pieces.members` by default
   * @param extra more breaks of a field's value
   */
  record(
    record: RecordNode,
    levels: number,
    isPersonal: boolean,
    members: readonly fc.Arbitrary<Member>[] = this.#pieces.members(record, levels),
    extra: (field: Field) => readonly Break[] = () => [],
  ): readonly Break[] {
    const good = fc.tuple(...members);
    const shape = 'object';
    const breaks: Break[] = [];
    /** Puts something in the place of a field, or adds it. */
    const instead = (
      cases: fc.Arbitrary<{
        readonly at: number;
        readonly broken: Broken;
        readonly members: readonly (readonly [string, string])[];
      }>,
      weight: number,
    ) => {
      const objects = fc.tuple(good, cases, laidOut).map(([fields, { at, broken, members: put }, layout]): Broken => {
        const texts = fields.flatMap(({ name, text }, index): (readonly [string, string])[] =>
          index === at ? [...put] : text === undefined ? [] : [[name, text]],
        );
        return { ...broken, text: objectText(at === -1 ? [...texts, ...put] : texts, layout) };
      });
      breaks.push({ shape, weight, cases: objects });
    };

    const inner = record.fields.flatMap((field, at) => {
      if (!this.#pieces.fits(field.node, levels - 1)) return [];
      const own = this.of(field.node, levels - 1, isPersonal || field.pii !== undefined);
      const all = [...own, ...(field.pii === 'hash' ? [SHOWN_INSTEAD] : []), ...extra(field)];
      if (all.length === 0) return [];
      return [
        anyOf(all).map((broken) => ({
          at,
          broken: { ...broken, way: [field.name, ...broken.way] },
          members: [[field.name, broken.text] as const],
        })),
      ];
    });
    if (inner.length > 0) instead(fc.oneof(...inner), USUAL * Math.min(12, 2 + inner.length));

    const required = record.fields.flatMap(({ default: written }, at) => (written === undefined ? [at] : []));
    if (required.length > 0) {
      const missing = fc.constantFrom(...required).map((at) => ({
        at,
        broken: broken('field missing', record.fields[at]!.name, 'SLUICE_FIELD_MISSING'),
        members: [],
      }));
      instead(missing, USUAL);
    }

    const unknown = fc.tuple(fc.constantFrom(...unknownNames(record)), fc.constantFrom('null', '0', '"x"', '{}', '[]'));
    instead(
      unknown.map(([name, text]) => ({
        at: -1,
        broken: broken('field unknown', isPersonal ? PERSONAL_DATA : name, 'SLUICE_FIELD_UNKNOWN'),
        members: [[name, text]],
      })),
      USUAL,
    );

    const twice = record.fields.flatMap((field, at) => {
      if (!this.#pieces.fits(field.node, levels - 1)) return [];
      const value = this.#pieces.pieces(field.node, levels - 1, 'scarce');
      return [
        fc.tuple(value, value).map((values) => ({
          at,
          broken: broken('duplicate key', field.name, 'SLUICE_JSON_DUPLICATE_KEY'),
          members: values.map(({ text }) => [field.name, text] as const),
        })),
      ];
    });
    if (twice.length > 0) instead(fc.oneof(...twice), USUAL);
    return breaks;
  }

  #array(node: ArrayNode, levels: number, isPersonal: boolean): readonly Break[] {
    if (!this.#pieces.fits(node.items, levels - 1)) return [];
    const item = anyOf(this.of(node.items, levels - 1, isPersonal));
    const cases = fc
      .tuple(this.#pieces.items(node, levels, 'scarce'), fc.nat(9), item, laidOut)
      .map(([items, place, broken, layout]): Broken => {
        const at = place % (items.length + 1);
        const texts = items.map(({ text }) => text).toSpliced(at, 0, broken.text);
        return { ...broken, way: [at, ...broken.way], text: arrayText(texts, layout) };
      });
    return [{ shape: 'array', weight: 3 * USUAL, cases }];
  }

  #map(node: MapNode, levels: number, isPersonal: boolean): readonly Break[] {
    if (!this.#pieces.fits(node.values, levels - 1)) return [];
    const entries = this.#pieces.entries(node, levels, 'scarce');
    const value = this.#pieces.pieces(node.values, levels - 1, 'scarce');
    const item = anyOf(this.of(node.values, levels - 1, isPersonal));
    const shown = (key: string) => (isPersonal ? PERSONAL_DATA : key);
    const around = (
      cases: fc.Arbitrary<{ readonly key: string; readonly broken: Broken; readonly texts: readonly string[] }>,
      weight: number,
    ): Break => ({
      shape: 'object',
      weight,
      cases: fc.tuple(entries, cases, laidOut).map(([others, { key, broken: of, texts }, layout]) => {
        const good = others.filter(([name]) => name !== key).map(([name, { text }]): [string, string] => [name, text]);
        return { ...of, text: objectText([...good, ...texts.map((text): [string, string] => [key, text])], layout) };
      }),
    });
    return [
      around(
        fc.tuple(mapKey, item).map(([key, of]) => ({
          key,
          broken: { ...of, way: [shown(key), ...of.way] },
          texts: [of.text],
        })),
        3 * USUAL,
      ),
      around(
        fc.tuple(mapKey, value, value).map(([key, ...values]) => ({
          key,
          broken: broken('duplicate key', shown(key), 'SLUICE_JSON_DUPLICATE_KEY'),
          texts: values.map(({ text }) => text),
        })),
        USUAL,
      ),
      around(
        fc.tuple(fc.constantFrom(...LONE_SURROGATES), value).map(([key, { text }]) => ({
          key,
          broken: broken('lone surrogate', shown(key), 'SLUICE_TEXT'),
          texts: [text],
        })),
        USUAL,
      ),
    ];
  }

  #union(union: UnionNode, levels: number, isPersonal: boolean): readonly Break[] {
    const fitting = union.branches.filter((branch) => this.#pieces.fits(branch, levels - tagLevels(union, branch)));
    if (unionForm(union) === 'plain') {
      // What has the shape of another branch would be judged by that one.
      const inner = fitting.flatMap((branch) =>
        this.of(branch, levels, isPersonal).filter(({ shape }) => shapesOf(branch).includes(shape)),
      );
      return [...wrongShapes(shapesOf(union), 'union branch', 'SLUICE_TYPE'), ...inner];
    }
    const inner = fitting.flatMap((branch): Break[] => {
      if (branch.kind === 'null') return [];
      const tag = branchName(branch);
      const cases = anyOf(this.of(branch, levels - 1, isPersonal)).map(
        (of): Broken => ({ ...of, way: [tag, ...of.way], text: objectText([[tag, of.text]]) }),
      );
      const value = this.#pieces.pieces(branch, levels - 1, 'scarce');
      const twice = fc.tuple(value, value).map(
        (values): Broken => ({
          ...broken('duplicate key', tag, 'SLUICE_JSON_DUPLICATE_KEY'),
          text: objectText(values.map(({ text }) => [tag, text])),
        }),
      );
      return [
        { shape: 'object', weight: 2 * USUAL, cases },
        { shape: 'object', weight: USUAL / 2, cases: twice },
      ];
    });
    return [breakBy('union branch', 'object', 'SLUICE_UNION_BRANCH', untagged(union)), ...inner];
  }
}

/** Without its text, which whoever puts it together knows. */
function broken(breakage: Broken['breakage'], step: string | number, code: Broken['codes'][number]): Broken {
  return { breakage, text: '', way: [step], codes: [code] };
}

/** A failed event as it is shown to people, sent again. */
const SHOWN_INSTEAD = breakBy('what is shown for personal data', 'string', 'SLUICE_FORMAT', [
  JSON.stringify(PERSONAL_DATA),
]);

/** Values of a tagged union that name no branch of it, or two. */
function untagged({ branches }: UnionNode): readonly string[] {
  const names = branches.map(branchName);
  const [first, second] = names.filter((name) => name !== 'null');
  const two = second === undefined ? [] : [`{"${first}":null,"${second}":null}`];
  const unknown = ['no such branch', 'null', '__proto__', 'constructor', ''].filter(
    (name) => name === 'null' || !names.includes(name),
  );
  return ['{}', '0', '"x"', 'true', '[]', ...two, ...unknown.map((name) => `{"${name}":null}`)];
}

/** Names that a record does not declare: those of others, of JavaScript's objects, and its own misspelt. */
function unknownNames({ fields }: RecordNode): readonly string[] {
  const declared = new Set(fields.map(({ name }) => name));
  const misspelt = fields
    .slice(0, 5)
    .flatMap(({ name }) => [name.toUpperCase(), name.toLowerCase(), `${name}_`, name.replaceAll('_', '-')]);
  return ['no such field', '__proto__', 'constructor', '', '0', '_event_id', ...misspelt].filter(
    (name) => !declared.has(name),
  );
}
