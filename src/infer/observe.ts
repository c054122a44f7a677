import { joinForms, type TextForm, textForm } from './text-form.ts';

/** Different texts of one place that are remembered; more are no enum. */
export const MAX_SYMBOLS = 10;

/** What was seen at one place of the samples, by JSON shape. */
export class Observation {
  /** Values seen here, nulls included. */
  count = 0;
  nulls = 0;
  booleans = 0;
  readonly numbers = {
    count: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    whole: true,
    safe: true,
  };
  readonly texts = {
    count: 0,
    shortest: Number.POSITIVE_INFINITY,
    longest: 0,
    /** The different texts; undefined once they are too many. */
    values: new Set<string>() as Set<string> | undefined,
    /** What all of them have in common; undefined where that is nothing. */
    form: undefined as TextForm | undefined,
    /** Whether all are whole numbers as a long takes them. */
    digits: true,
    /** Whether all are the names of numbers that JSON cannot write. */
    notFinite: true,
    /** Whether any names an offset other than Z. */
    offset: false,
    /** Whether a timestamp does not fit nanoseconds of 64 bits. */
    beyondNanos: false,
  };
  readonly arrays = { count: 0, fewest: Number.POSITIVE_INFINITY, most: 0 };
  readonly objects = { count: 0, fewest: Number.POSITIVE_INFINITY, most: 0, keys: 0 };
  /** Of the arrays' items. */
  items: Observation | undefined;
  /** Of the objects' members, in the order of their first appearance. */
  readonly members = new Map<string, Observation>();

  /** Adds one value. */
  add(value: unknown): void {
    this.count += 1;
    if (value === null) this.nulls += 1;
    else if (typeof value === 'boolean') this.booleans += 1;
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'string') this.#text(value);
    else if (Array.isArray(value)) this.#array(value);
    else this.#object(Object.entries(value as object));
  }

  /** Adds what was seen at another place, as if it had been seen here. */
  merge(other: Observation): void {
    this.count += other.count;
    this.nulls += other.nulls;
    this.booleans += other.booleans;
    mergeNumbers(this.numbers, other.numbers);
    mergeTexts(this.texts, other.texts);
    this.arrays.count += other.arrays.count;
    mergeExtent(this.arrays, other.arrays);
    this.objects.count += other.objects.count;
    this.objects.keys += other.objects.keys;
    mergeExtent(this.objects, other.objects);
    if (other.items !== undefined) {
      this.items ??= new Observation();
      this.items.merge(other.items);
    }
    for (const [key, member] of other.members) this.#member(key).merge(member);
  }

  #member(key: string): Observation {
    let member = this.members.get(key);
    if (member === undefined) {
      member = new Observation();
      this.members.set(key, member);
    }
    return member;
  }

  #number(value: number): void {
    const { numbers } = this;
    numbers.count += 1;
    numbers.min = Math.min(numbers.min, value);
    numbers.max = Math.max(numbers.max, value);
    numbers.whole &&= Number.isInteger(value);
    numbers.safe &&= Number.isSafeInteger(value);
  }

  #text(value: string): void {
    const { texts } = this;
    const form = textForm(value);
    const known = texts.form;
    texts.form = texts.count === 0 ? form : known && form && joinForms(known, form);
    texts.count += 1;
    texts.shortest = Math.min(texts.shortest, value.length);
    texts.longest = Math.max(texts.longest, value.length);
    texts.digits &&= isLongText(value);
    texts.notFinite &&= /^(?:NaN|-?Infinity)$/.test(value);
    texts.offset ||= form?.form === 'timestamp' && !/z$/i.test(value);
    texts.beyondNanos ||= form?.form.endsWith('timestamp') === true && !fitsNanos(value);
    texts.values = fewOf(texts.values?.add(value));
  }

  #array(items: readonly unknown[]): void {
    const { arrays } = this;
    arrays.count += 1;
    arrays.fewest = Math.min(arrays.fewest, items.length);
    arrays.most = Math.max(arrays.most, items.length);
    this.items ??= new Observation();
    for (const item of items) this.items.add(item);
  }

  #object(entries: readonly (readonly [string, unknown])[]): void {
    const { objects } = this;
    objects.count += 1;
    objects.keys += entries.length;
    objects.fewest = Math.min(objects.fewest, entries.length);
    objects.most = Math.max(objects.most, entries.length);
    for (const [key, value] of entries) this.#member(key).add(value);
  }
}

type Numbers = Observation['numbers'];
type Texts = Observation['texts'];
type Extent = { fewest: number; most: number };

function mergeExtent(into: Extent, from: Extent): void {
  into.fewest = Math.min(into.fewest, from.fewest);
  into.most = Math.max(into.most, from.most);
}

function mergeNumbers(into: Numbers, from: Numbers): void {
  into.count += from.count;
  into.min = Math.min(into.min, from.min);
  into.max = Math.max(into.max, from.max);
  into.whole &&= from.whole;
  into.safe &&= from.safe;
}

function mergeTexts(into: Texts, from: Texts): void {
  if (into.count === 0) into.form = from.form;
  else if (from.count > 0) into.form = into.form && from.form && joinForms(into.form, from.form);
  into.count += from.count;
  into.shortest = Math.min(into.shortest, from.shortest);
  into.longest = Math.max(into.longest, from.longest);
  into.values = into.values && from.values && fewOf(new Set([...into.values, ...from.values]));
  into.digits &&= from.digits;
  into.notFinite &&= from.notFinite;
  into.offset ||= from.offset;
  into.beyondNanos ||= from.beyondNanos;
}

/** The texts, unless they are too many. */
function fewOf(texts: Set<string> | undefined): Set<string> | undefined {
  return texts === undefined || texts.size > MAX_SYMBOLS ? undefined : texts;
}

const MAX_LONG = 2n ** 63n - 1n;

/** Whether a text is a whole number that fits 64 bits, without leading zeros. */
function isLongText(text: string): boolean {
  if (!/^(?:0|-?[1-9]\d{0,18})$/.test(text)) return false;
  const value = BigInt(text);
  return value <= MAX_LONG && value >= -MAX_LONG - 1n;
}

/** Years that a 64-bit count of nanoseconds has room for, the last ones left out. */
function fitsNanos(timestamp: string): boolean {
  const year = Number(timestamp.slice(0, 4));
  return year >= 1678 && year <= 2261;
}
