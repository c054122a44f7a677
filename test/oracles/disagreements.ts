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
} as const;

export type Disagreement = keyof typeof DISAGREEMENTS;
