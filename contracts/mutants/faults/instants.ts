import type { Mutant } from '../mutant.ts';

const TEMPORAL = 'src/codec/temporal.ts';
const DECODE = 'src/codec/decode.ts';

/** Faults in days, times and instants. The processes that try them run in a time zone that is not UTC. */
export const INSTANT_FAULTS: readonly Mutant[] = [
  {
    id: 'date-local',
    description: 'A date is read in the time zone of the machine, and is a day off',
    file: DECODE,
    find: 'return `"${formatDate(day)}"`;',
    replace:
      'const at = new Date(day * 86_400_000); return `"${formatDate(Math.floor((day * 1_440 - at.getTimezoneOffset()) / 1_440))}"`;',
  },
  {
    id: 'instant-before-1970',
    description: 'An instant before 1970 is a day off',
    file: TEMPORAL,
    find: 'const day = Math.floor(second / SECONDS_PER_DAY);',
    replace: 'const day = Math.trunc(second / SECONDS_PER_DAY);',
  },
  {
    id: 'instant-fraction-before-1970',
    description: 'The fraction of a second before 1970 is negative',
    file: TEMPORAL,
    find: 'second = Math.floor(value / Number(unit));',
    replace: 'second = Math.trunc(value / Number(unit));',
  },
  {
    id: 'instant-large-fraction-before-1970',
    description: 'The same for an instant whose count is beyond 2^53',
    file: TEMPORAL,
    find: 'if (remainder < 0n) remainder += unit;',
    replace: '',
  },
  {
    id: 'instant-offset-turned',
    description: 'The offset of an instant is added, not taken off',
    file: TEMPORAL,
    find: "(text[0] === '-' ? -1 : 1)",
    replace: "(text[0] === '-' ? 1 : -1)",
  },
  {
    id: 'instant-offset-minutes',
    description: 'The minutes of an offset are ignored',
    file: TEMPORAL,
    find: '(hours * 3600 + minutes * 60)',
    replace: '(hours * 3600)',
  },
  {
    id: 'instant-in-a-double',
    description: 'Nanoseconds are counted in a double',
    file: TEMPORAL,
    find: 'const value = BigInt(second) * UNITS[digits] + BigInt(fraction);',
    replace: 'const value = BigInt(second * Number(UNITS[digits]) + fraction);',
  },
  {
    id: 'instant-micros-through-millis',
    description: 'Microseconds go through a count of milliseconds',
    file: TEMPORAL,
    find: 'fraction = value - second * Number(unit);',
    replace:
      'fraction = Math.floor(((value - second * Number(unit)) * 1_000) / Number(unit)) * (Number(unit) / 1_000);',
  },
  {
    id: 'instant-local-with-zone',
    description: 'A local timestamp is read as one of UTC',
    file: DECODE,
    find: "timestampDecoder(3, '', mode)",
    replace: "timestampDecoder(3, 'Z', mode)",
  },
  {
    id: 'fraction-unfilled',
    description: 'Half a second, written .5, is five of its units',
    file: TEMPORAL,
    find: "Number(text.slice(0, digits).padEnd(digits, '0'))",
    replace: 'Number(text.slice(0, digits))',
  },
  {
    id: 'fraction-cut',
    description: 'A fraction of a second that is finer than the unit is cut off without a word',
    file: TEMPORAL,
    find: "if (text.length > digits && /[1-9]/.test(text.slice(digits))) return 'precision';",
    replace: '',
  },
  {
    id: 'fraction-unpadded',
    description: 'A fraction of a second loses its leading zeros: .007 becomes .7',
    file: TEMPORAL,
    find: '.${pad(fraction, digits)}`',
    replace: '.${fraction}`',
  },
  {
    id: 'time-24',
    description: 'The time 24:00:00 is taken',
    file: TEMPORAL,
    find: 'hour > 23 || minute > 59',
    replace: 'hour > 24 || minute > 59',
  },
  {
    id: 'leap-second',
    description: 'A leap second is taken for the first one of the next minute',
    file: TEMPORAL,
    find: 'minute > 59 || second > 59',
    replace: 'minute > 59 || second > 60',
  },
  {
    id: 'leap-century',
    description: 'The years 1800 and 1900 are leap years',
    file: TEMPORAL,
    find: 'year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)',
    replace: 'year % 4 === 0',
  },
  {
    id: 'year-zero',
    description: 'The year 0000 is taken',
    file: TEMPORAL,
    find: "if (year === 0) return 'year';",
    replace: '',
  },
  {
    id: 'time-micros-through-millis',
    description: 'A time of day in microseconds is written in milliseconds',
    file: 'src/codec/encode.ts',
    find: 'return timeEncoder(6);',
    replace: 'return timeEncoder(3);',
  },
];
