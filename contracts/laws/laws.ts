import type { Law } from '../law.ts';
import { ACCEPTANCE } from './01-acceptance.ts';
import { ROUND_TRIP } from './02-round-trip.ts';
import { ONE_ROW_ONE_LINE } from './05-one-row-one-line.ts';
import { NOTHING_VANISHES } from './08-nothing-vanishes.ts';
import { TOTALITY } from './10-totality.ts';

/** Every law, by number. Adding one here puts it into the command, its documentation and its tests. */
export const LAWS: readonly Law[] = [ACCEPTANCE, ROUND_TRIP, ONE_ROW_ONE_LINE, NOTHING_VANISHES, TOTALITY];
