import { childPath } from '../codec/json-path.ts';
import { isFieldName, recordName, typeName } from './names.ts';
import { Observation } from './observe.ts';
import { type InferredField, inferSettings } from './settings.ts';
import type { TextForm } from './text-form.ts';

type Json = Readonly<Record<string, unknown>>;

/** A schema that takes the samples, or why there is none. */
export interface Inferred {
  /** The JSON of an `.avsc` file. It is the same for the same samples in the same order. */
  readonly definition: Json;
  /** What a person should look at, each with its path. */
  readonly unsure: readonly string[];
  /** What no schema could take as it is, each with its path and the way out. The definition is of no use then. */
  readonly problems: readonly string[];
}

/** Texts that must have been seen before the few among them are taken for an enum's symbols. */
const MIN_ENUM_TEXTS = 50;
/** Times that a symbol was seen, on average. */
const MIN_ENUM_REPEATS = 10;
/** Objects that must have been seen before their keys are said to vary. */
const MIN_MAP_OBJECTS = 5;
/** Members of one object type that nobody declares one by one. */
const MAX_FIELDS = 100;
const INT = 2 ** 31;
/** Digits of a decimal, where fewer were seen. */
const USUAL_PRECISION = 12;
const MAX_PRECISION = 38;

/**
 * Infers the schema of an event type from samples of its events.
 *
 * What was never missing is required, what was missing or null somewhere is nullable; everything else is decided so that
 * the samples are taken as they are, and where they leave it open, for the type that refuses less.
 *
 * @param events parsed JSON objects, one at least.
 */
export function inferSchema(eventType: string, events: readonly Json[]): Inferred {
  const root = new Observation();
  for (const event of events) root.add(event);
  return new Inference(eventType, root).result(events);
}

class Inference {
  readonly #eventType: string;
  readonly #root: Observation;
  readonly #names = new Set<string>();
  readonly #unsure: string[] = [];
  readonly #problems: string[] = [];

  constructor(eventType: string, root: Observation) {
    this.#eventType = eventType;
    this.#root = root;
  }

  result(events: readonly Json[]): Inferred {
    const { name, namespace } = recordName(this.#eventType);
    this.#names.add(name);
    const fields = this.#fields(this.#root, '$', name, 'samples');
    const { settings, unsure } = inferSettings(this.#eventType, fields, events);
    const definition = {
      type: 'record',
      name,
      ...(namespace === undefined ? {} : { namespace }),
      doc: `Inferred from ${grouped(this.#root.count)} sample${this.#root.count === 1 ? '' : 's'}`,
      ...(Object.keys(settings).length === 0 ? {} : { sluice: settings }),
      fields,
    };
    return { definition, unsure: [...this.#unsure, ...unsure], problems: this.#problems };
  }

  #fields(object: Observation, path: string, owner: string, what: string): InferredField[] {
    const total = object.objects.count;
    return Array.from(object.members, ([name, seen]) => {
      const here = childPath(path, name);
      if (!isFieldName(name)) {
        const wayOut = 'rename it, or put such keys into an object of their own, which becomes a map';
        this.#problems.push(`${here}: a field cannot be called so (letters, digits and _ only); ${wayOut}`);
      }
      const nullable = seen.nulls > 0 || seen.count < total;
      const type = this.#type(seen, here, name, owner, nullable);
      const doc = `Observed: ${grouped(seen.count - seen.nulls)} of ${grouped(total)} ${what}${extent(seen)}`;
      return nullable ? { name, type, default: null, doc } : { name, type, doc };
    });
  }

  /** @param name what a named type here is called after. */
  #type(seen: Observation, path: string, name: string, owner: string, nullable: boolean): unknown {
    const { booleans, numbers, texts, arrays, objects } = seen;
    const shapes = [booleans, numbers.count, texts.count, arrays.count, objects.count].filter((count) => count > 0);
    const alone = shapes.length === 1;
    const branches: unknown[] = [];
    if (booleans > 0) branches.push('boolean');
    if (numbers.count > 0 && texts.count > 0) branches.push(...this.#numbersAndTexts(seen, path));
    else if (numbers.count > 0) branches.push(this.#number(seen, path, name, alone));
    else if (texts.count > 0) branches.push(alone ? this.#text(seen, path, name, owner) : 'string');
    if (arrays.count > 0) branches.push(this.#array(seen, path, name, owner));
    if (objects.count > 0) branches.push(this.#object(seen, path, name, owner));
    if (branches.length > 1) this.#note(path, `values of ${branches.length} types, so it is a union`);
    if (branches.length === 0) {
      this.#note(path, 'it never had a value; a string is a guess');
      branches.push('string');
    }
    if (nullable) return ['null', ...branches];
    return branches.length === 1 ? branches[0] : branches;
  }

  #number({ numbers }: Observation, path: string, name: string, alone: boolean): unknown {
    if (!numbers.whole) return 'double';
    if (!numbers.safe) {
      this.#note(
        path,
        'whole numbers beyond 2^53 lose digits in JSON, so it is a double; send them as text for a long',
      );
      return 'double';
    }
    if (alone && looksLikeMillis(name, numbers)) {
      this.#note(path, 'whole numbers that look like milliseconds since 1970; make it a plain long if they are not');
      return { type: 'long', logicalType: 'timestamp-millis' };
    }
    return numbers.min >= -INT && numbers.max < INT ? 'int' : 'long';
  }

  /** A long takes digits as text and a double "NaN"; but for those, only an int stands beside texts without a tag. */
  #numbersAndTexts({ numbers, texts }: Observation, path: string): unknown[] {
    if (numbers.safe && texts.digits) return ['long'];
    if (texts.notFinite) return ['double'];
    if (numbers.safe && numbers.min >= -INT && numbers.max < INT) return ['int', 'string'];
    this.#problems.push(
      `${path}: numbers that are no 32-bit integers and texts are mixed; a union could not tell them apart: send all of them as text, or all as numbers`,
    );
    return ['string'];
  }

  #text({ texts }: Observation, path: string, name: string, owner: string): unknown {
    if (texts.form !== undefined && !(nanosOf(texts.form) && texts.beyondNanos)) {
      if (texts.offset) this.#note(path, 'offsets from UTC are not kept: every instant is carried in UTC');
      return this.#logical(texts.form, path);
    }
    const symbols = texts.values === undefined ? [] : [...texts.values];
    const isEnum =
      symbols.length > 1 &&
      texts.count >= MIN_ENUM_TEXTS &&
      texts.count >= symbols.length * MIN_ENUM_REPEATS &&
      // An id that is repeated is no enum, however few there are.
      !/(?:^|_)id$|Id$/.test(name) &&
      symbols.every((symbol) => isFieldName(symbol) && !(symbol in Object.prototype));
    if (!isEnum) return 'string';
    this.#note(path, `an enum of the ${symbols.length} texts seen; make it a string if others may come`);
    return { type: 'enum', name: this.#newName(name, owner), symbols };
  }

  #logical(form: TextForm, path: string): unknown {
    switch (form.form) {
      case 'uuid':
        return { type: 'string', logicalType: 'uuid' };
      case 'date':
        return { type: 'int', logicalType: 'date' };
      case 'time':
        return { type: form.digits === 3 ? 'int' : 'long', logicalType: `time-${UNITS[form.digits]}` };
      case 'decimal': {
        this.#note(path, `a decimal, since all texts have ${form.scale} digits after the point; else make it a string`);
        const precision = Math.min(Math.max(USUAL_PRECISION, form.whole + form.scale + 2), MAX_PRECISION);
        return { type: 'bytes', logicalType: 'decimal', precision, scale: form.scale };
      }
      default:
        return { type: 'long', logicalType: `${form.form}-${UNITS[form.digits]}` };
    }
  }

  #array({ items, arrays }: Observation, path: string, name: string, owner: string): unknown {
    if (arrays.most === 0) this.#note(path, 'the array was always empty; items of type string are a guess');
    const none = { type: 'array', items: 'string' };
    return arrays.most === 0
      ? none
      : { type: 'array', items: this.#type(items!, `${path}[]`, `${name}_item`, owner, items!.nulls > 0) };
  }

  #object(seen: Observation, path: string, name: string, owner: string): unknown {
    const why = whyMap(seen);
    if (why === undefined) {
      const record = this.#newName(name, owner);
      return { type: 'record', name: record, fields: this.#fields(seen, path, record, 'objects') };
    }
    this.#note(path, `a map, since ${why}`);
    const values = merged(seen.members.values());
    return {
      type: 'map',
      values: values.count === 0 ? 'string' : this.#type(values, `${path}{}`, `${name}_value`, owner, values.nulls > 0),
    };
  }

  /** A name for a type that no other type of the schema has. */
  #newName(field: string, owner: string): string {
    const own = typeName(field);
    const names = [own, `${owner}${own}`];
    let name = names.find((candidate) => !this.#names.has(candidate));
    for (let number = 2; name === undefined; number += 1) {
      const numbered = `${owner}${own}${number}`;
      if (!this.#names.has(numbered)) name = numbered;
    }
    this.#names.add(name);
    return name;
  }

  #note(path: string, text: string): void {
    this.#unsure.push(`${path}: ${text}`);
  }
}

const UNITS = { 3: 'millis', 6: 'micros', 9: 'nanos' } as const;

function nanosOf(form: TextForm): boolean {
  return 'digits' in form && form.digits === 9;
}

/** Milliseconds of the years 1990 to 2100, under a name that speaks of time. */
function looksLikeMillis(name: string, { min, max }: { readonly min: number; readonly max: number }): boolean {
  const speaksOfTime = /(?:^|_)(?:at|ts|time|timestamp|date|updated|created)$|(?:At|Ts|Time|Timestamp|Date)$/.test(
    name,
  );
  return speaksOfTime && min >= Date.UTC(1990, 0) && max < Date.UTC(2100, 0);
}

/** Why objects are a map and no record; undefined where they are a record. */
function whyMap({ objects, members }: Observation): string | undefined {
  if (members.size === 0) return 'the object was always empty; values of type string are a guess';
  const illegal = [...members.keys()].filter((key) => !isFieldName(key));
  if (illegal.length > 0) return `keys such as ${JSON.stringify(illegal[0])} are no legal names of fields`;
  if (members.size > MAX_FIELDS) return `it has ${members.size} different keys`;
  const inAll = [...members.values()].some(({ count }) => count === objects.count);
  const varies = objects.count >= MIN_MAP_OBJECTS && !inAll && members.size > (2 * objects.keys) / objects.count;
  if (!varies || shapeCount(merged(members.values())) > 1) return undefined;
  return `its keys vary from one to the next (${members.size} different ones)`;
}

function shapeCount({ booleans, numbers, texts, arrays, objects }: Observation): number {
  return [booleans, numbers.count, texts.count, arrays.count, objects.count].filter((count) => count > 0).length;
}

/** What was seen at several places, as if it were one. */
function merged(parts: Iterable<Observation>): Observation {
  const all = new Observation();
  for (const part of parts) all.merge(part);
  return all;
}

/** What the values range over, for a doc. Texts themselves are left out: they may be somebody's. */
function extent({ numbers, texts, arrays, objects }: Observation): string {
  const parts: string[] = [];
  if (numbers.count > 0) parts.push(range(numbers.min, numbers.max));
  if (texts.count > 0 && texts.form === undefined) parts.push(range(texts.shortest, texts.longest, 'character'));
  if (arrays.count > 0) parts.push(range(arrays.fewest, arrays.most, 'item'));
  if (objects.count > 0) parts.push(range(objects.fewest, objects.most, 'key'));
  return parts.length === 0 ? '' : `; ${parts.join('; ')}`;
}

function range(least: number, most: number, unit?: string): string {
  const extent = least === most ? `${least}` : `${least} to ${most}`;
  return unit === undefined ? extent : `${extent} ${unit}${extent === '1' ? '' : 's'}`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
