import type { Law } from '../law.ts';
import { ACCEPTANCE } from './01-acceptance.ts';
import { ROUND_TRIP } from './02-round-trip.ts';
import { AVRO_FOREIGN_EYES } from './03-avro-foreign-eyes.ts';
import { CSV_FOREIGN_EYES } from './04-csv-foreign-eyes.ts';
import { ONE_ROW_ONE_LINE } from './05-one-row-one-line.ts';
import { POSITIONS_FOR_EVER } from './06-positions-for-ever.ts';
import { OLD_READERS } from './07-old-readers.ts';
import { NOTHING_VANISHES } from './08-nothing-vanishes.ts';
import { IDEMPOTENCE } from './09-idempotence.ts';
import { TOTALITY } from './10-totality.ts';

/** Every law, by number. Adding one here puts it into the command, its documentation and its tests. */
export const LAWS: readonly Law[] = [
  ACCEPTANCE,
  ROUND_TRIP,
  AVRO_FOREIGN_EYES,
  CSV_FOREIGN_EYES,
  ONE_ROW_ONE_LINE,
  POSITIONS_FOR_EVER,
  OLD_READERS,
  NOTHING_VANISHES,
  IDEMPOTENCE,
  TOTALITY,
];
