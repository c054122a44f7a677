import { incompatibilities, type Obstacle } from './resolve.ts';
import type { Rule } from './rule.ts';

const READERS = 'every reader of the topic that moves to the new version, and replay';

/** A rule for one of the obstacles to reading what an earlier version wrote. */
function backward(
  id: string,
  obstacle: Obstacle,
  texts: { readonly purpose: string; readonly advice: string },
): Rule & { over: 'pair' } {
  return {
    id,
    surface: 'WIRE',
    severity: 'error',
    affected: READERS,
    ...texts,
    over: 'pair',
    find: (earlier, later) =>
      incompatibilities(earlier.root, later.root).filter((incompatibility) => incompatibility.obstacle === obstacle),
  };
}

/** Avro resolution: the newest version reads what all earlier ones wrote. */
export const WIRE_RULES: readonly Rule[] = [
  backward('WIRE_NEW_FIELD_HAS_DEFAULT', 'field', {
    purpose: 'a field that earlier versions do not have has a default',
    advice: 'give the field a default, null for instance',
  }),
  backward('WIRE_TYPE_PROMOTABLE', 'type', {
    purpose: 'a type stays, or becomes one that Avro promotes it to (int to long to float to double, string and bytes)',
    advice: 'keep the type, and add a field of the new type under another name',
  }),
  backward('WIRE_NAME_SAME', 'name', {
    purpose: 'a record, enum or fixed keeps its name, or lists its former full name as an alias',
    advice: 'add the former full name to "aliases"',
  }),
  backward('WIRE_FIXED_SIZE_SAME', 'size', {
    purpose: 'a fixed keeps its size',
    advice: 'keep the size, and add a field of a new fixed type',
  }),
  backward('WIRE_ENUM_SYMBOLS_KEPT', 'symbols', {
    purpose: 'an enum keeps its symbols, or has a default for those it lost',
    advice: 'keep the symbol, or give the enum a default',
  }),
  backward('WIRE_UNION_BRANCHES_KEPT', 'branch', {
    purpose: 'every branch of a union, null too, can still be read',
    advice: 'keep the branch',
  }),
  {
    id: 'WIRE_OLD_READERS_READ_NEW',
    surface: 'WIRE',
    severity: 'error',
    purpose: 'where the schema asks for FORWARD or FULL, earlier versions read what the new one writes',
    affected: 'every reader of the topic that stays with an earlier version',
    advice: 'add and remove only fields that have a default, and leave types alone',
    over: 'forward pair',
    *find(earlier, later) {
      for (const { path, message } of incompatibilities(later.root, earlier.root)) {
        yield { path, message: `read as the earlier version: ${message}` };
      }
    },
  },
  {
    id: 'WIRE_PARTITIONS_NOT_FEWER',
    surface: 'WIRE',
    severity: 'error',
    purpose: 'sluice.partitions never falls: Kafka takes no partition away from a topic',
    affected: 'the topic, which keeps its partitions',
    advice: 'leave the number, or raise it',
    over: 'pair',
    *find(earlier, later) {
      const [before, after] = [earlier.settings.partitions, later.settings.partitions];
      if (after < before) yield { path: '$', message: `sluice.partitions falls from ${before} to ${after}` };
    },
  },
  {
    id: 'WIRE_KEY_SAME',
    surface: 'WIRE',
    severity: 'warning',
    purpose: 'sluice.key names the same field: another key puts events of one thing into two partitions',
    affected: 'readers that rely on the order of the events of one key',
    advice: 'keep the key, or make sure that nobody relies on the order across the change',
    over: 'pair',
    *find(earlier, later) {
      const [before, after] = [earlier.settings.key, later.settings.key];
      if (after !== before) {
        yield { path: '$', message: `sluice.key was ${before ?? 'not set'} and is ${after ?? 'not set'}` };
      }
    },
  },
];
