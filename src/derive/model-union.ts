import { canonicalJson } from '../schema/canonical-json.ts';
import type { Model } from './model-keywords.ts';

/**
 * A model that takes whatever one of two models takes, and maybe more: the subset of JSON Schema that a request model
 * may use has no `anyOf`. Words are those of `later`.
 */
export function eitherModel(earlier: Model, later: Model): Model {
  if (canonicalJson(withoutWords(earlier)) === canonicalJson(withoutWords(later))) return later;
  const words = wordsOf(later);
  const [typesBefore, typesAfter] = [typesOf(earlier), typesOf(later)];
  // A reference cannot be looked into here, and what has no type takes everything.
  if (typesBefore === undefined || typesAfter === undefined) return words;
  const types = [...new Set([...typesAfter, ...typesBefore])];
  const merged: Record<string, unknown> = { ...words, type: types.length === 1 ? types[0] : types };
  // A keyword constrains values of its own types only: where one model takes none of these, the other one decides.
  for (const { among, merge } of KEYWORDS) {
    const [before, after] = [typesBefore, typesAfter].map((side) => side.some((type) => among.includes(type)));
    if (before && after) Object.assign(merged, merge(earlier, later));
    else if (before || after) Object.assign(merged, merge(before ? earlier : later, before ? earlier : later));
  }
  if (earlier.enum !== undefined && later.enum !== undefined) {
    merged.enum = [...new Set([...(later.enum as unknown[]), ...(earlier.enum as unknown[])])];
  }
  return merged;
}

interface KeywordGroup {
  readonly among: readonly string[];
  merge(earlier: Model, later: Model): Model;
}

const KEYWORDS: readonly KeywordGroup[] = [
  { among: ['object'], merge: mergeObjects },
  {
    among: ['array'],
    merge: (a, b) => (a.items === undefined || b.items === undefined ? {} : { items: either(a.items, b.items) }),
  },
  {
    among: ['string'],
    merge: (a, b) => (a.pattern === undefined || a.pattern !== b.pattern ? {} : { pattern: b.pattern }),
  },
  {
    among: ['integer', 'number'],
    merge: (a, b) => ({ ...bound('minimum', a, b, Math.min), ...bound('maximum', a, b, Math.max) }),
  },
];

function mergeObjects(earlier: Model, later: Model): Model {
  const [before, after] = [earlier.properties, later.properties] as (Readonly<Record<string, Model>> | undefined)[];
  if (before === undefined && after === undefined) {
    const [a, b] = [earlier.additionalProperties, later.additionalProperties];
    return typeof a === 'object' && typeof b === 'object' ? { additionalProperties: either(a, b) } : {};
  }
  // A record beside a map: any object.
  if (before === undefined || after === undefined) return {};
  const names = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  const required = ((later.required ?? []) as string[]).filter((name) =>
    ((earlier.required ?? []) as string[]).includes(name),
  );
  return {
    properties: Object.fromEntries(
      names.map((name) => {
        const [was, is] = [before, after].map((side) => (Object.hasOwn(side, name) ? side[name] : undefined));
        return [name, was === undefined || is === undefined ? (is ?? was) : eitherModel(was, is)];
      }),
    ),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

function either(earlier: unknown, later: unknown): Model {
  return eitherModel(earlier as Model, later as Model);
}

function bound(keyword: string, a: Model, b: Model, choose: (a: number, b: number) => number): Model {
  if (a[keyword] === undefined || b[keyword] === undefined) return {};
  return { [keyword]: choose(a[keyword] as number, b[keyword] as number) };
}

function typesOf({ type }: Model): readonly string[] | undefined {
  return typeof type === 'string' ? [type] : (type as readonly string[] | undefined);
}

function wordsOf({ title, description }: Model): Model {
  return { ...(title === undefined ? {} : { title }), ...(description === undefined ? {} : { description }) };
}

function withoutWords({ title: _, description: __, ...model }: Model): Model {
  return model;
}
