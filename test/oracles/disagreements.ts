/**
 * Where Sluice and Apache Avro's Java check (`SchemaCompatibility`, 1.12) judge a pair of schemas differently, and why.
 * The test over generated pairs counts each of them, and fails on any that is not explained here.
 */
export const DISAGREEMENTS = {
  'alias-several': {
    avro: 'gives up with an exception where a field of the reader is found by its name and by an alias, or by two aliases',
    sluice: 'takes the field of that name, else the first that an alias names',
    why: 'a field that swapped names with another is legal, and decoding must do something; the oldest claim is the name',
  },
  'alias-taken': {
    avro: 'fills two fields of the reader from one of the writer, where one has its name and the other its alias',
    sluice: 'fills the one of that name; the other needs a default',
    why: "Avro's own decoder renames the writer's field before it reads, and then misses it under its name",
  },
  'logical-type': {
    avro: 'compares underlying types only: milliseconds are read as microseconds, a scale of 2 as one of 4',
    sluice: 'agrees on WIRE, and refuses it by REPLAY_LOGICAL_TYPE_SAME and REPLAY_VALUES_LEGAL, as its decoder does',
    why: 'a value that is silently another one is worse than none',
  },
  'recursion-assumed': {
    avro: 'keeps what it assumed of a recursive record while it was judging it, and calls a record readable that only that assumption spoke for',
    sluice: 'judges again what leaned on an assumption that turned out wrong',
    why: 'such data cannot be read; the pair is a test of its own, since no generator comes upon it',
  },
} as const;

/** A pair that shows `recursion-assumed`: `w` is judged while `u`, which another branch saves, is still assumed readable. */
export const RECURSION_ASSUMED = {
  writer: {
    type: 'record',
    name: 'Root',
    fields: [
      { name: 'u', type: recursive('string') },
      { name: 'w', type: 'a.Y' },
    ],
  },
  reader: {
    type: 'record',
    name: 'Root',
    fields: [
      { name: 'u', type: [recursive('int'), { type: 'record', name: 'b.X', fields: [] }] },
      { name: 'w', type: 'a.Y' },
    ],
  },
};

function recursive(bad: string): object {
  const y = { type: 'record', name: 'a.Y', fields: [{ name: 'x', type: ['null', 'a.X'] }] };
  return {
    type: 'record',
    name: 'a.X',
    fields: [
      { name: 'y', type: y },
      { name: 'bad', type: bad },
    ],
  };
}

export type Disagreement = keyof typeof DISAGREEMENTS;
