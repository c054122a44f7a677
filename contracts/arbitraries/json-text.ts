import fc from 'fast-check';

/** How much of a text is written as escapes that need not be. */
type Escapes = 'few' | 'all' | 'some';

/** Longer texts are written plainly: six times their length is a size of its own. */
const MAX_ESCAPED = 200;

/** Shrinks to plain text. */
export const escapes: fc.Arbitrary<Escapes> = fc.oneof(
  { withCrossShrink: true },
  { weight: 12, arbitrary: fc.constant<Escapes>('few') },
  { weight: 1, arbitrary: fc.constant<Escapes>('all') },
  { weight: 1, arbitrary: fc.constant<Escapes>('some') },
);

/** A JSON string, quotes included; all ways read as the same text (RFC 8259, section 7). */
export function quoted(of: string, how: Escapes): string {
  if (how === 'few' || of.length > MAX_ESCAPED) return JSON.stringify(of);
  if (how === 'all') return `"${Array.from(units(of), escapeUnit).join('')}"`;
  return JSON.stringify(of)
    .replaceAll('/', '\\/')
    .replace(/[^ -~]/g, (unit) => escapeUnit(unit).toUpperCase().replace('\\U', '\\u'));
}

function units(of: string): string[] {
  return of.split('');
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** How an object or array is laid out: its white space, and by `order` which of its members comes when. */
export interface LaidOut {
  readonly space: string;
  readonly order: number;
  readonly escapes: Escapes;
}

/** As `JSON.stringify` does. */
export const PLAIN: LaidOut = { space: '', order: 0, escapes: 'few' };

/** Shrinks to no white space and the schema's own order. */
export const laidOut: fc.Arbitrary<LaidOut> = fc.oneof(
  { withCrossShrink: true },
  { weight: 3, arbitrary: fc.constant(PLAIN) },
  {
    weight: 1,
    arbitrary: fc.record({ space: fc.constantFrom('', ' ', '\n', '\t\r\n  '), order: fc.nat(999), escapes }),
  },
);

/** An object's text. The same key may come twice: whoever calls decides. */
export function objectText(members: readonly (readonly [string, string])[], layout: LaidOut = PLAIN): string {
  const { space } = layout;
  const texts = inOrder(members, layout.order).map(
    ([key, value]) => `${space}${quoted(key, layout.escapes)}${space}:${space}${value}${space}`,
  );
  return `{${texts.length === 0 ? space : texts.join(',')}}`;
}

/** An array's text; the order of items is theirs. */
export function arrayText(items: readonly string[], { space }: LaidOut = PLAIN): string {
  return `[${items.length === 0 ? space : items.map((item) => `${space}${item}${space}`).join(',')}]`;
}

/** A rearrangement for each number; 0 leaves all in place. */
function inOrder<Item>(items: readonly Item[], order: number): readonly Item[] {
  if (order === 0) return items;
  const rest = [...items];
  let left = order;
  return items.map(() => {
    const [next] = rest.splice(left % rest.length, 1);
    // A full period modulo 2^16, so that later picks vary as much as the first.
    left = (left * 4093 + 12_345) % 65_536;
    return next!;
  });
}
