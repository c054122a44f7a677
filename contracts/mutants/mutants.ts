import { CSV_FAULTS } from './faults/csv.ts';
import { INSTANT_FAULTS } from './faults/instants.ts';
import { LINE_FAULTS } from './faults/lines.ts';
import { MODEL_FAULTS } from './faults/model.ts';
import { NUMBER_FAULTS } from './faults/numbers.ts';
import { RECORD_FAULTS } from './faults/records.ts';
import { STAGE_FAULTS } from './faults/stages.ts';
import { TEXT_FAULTS } from './faults/texts.ts';
import { VERSION_FAULTS } from './faults/versions.ts';
import { VIEW_FAULTS } from './faults/views.ts';
import type { Mutant } from './mutant.ts';

/** Every fault that some law must see. */
export const MUTANTS: readonly Mutant[] = [
  ...NUMBER_FAULTS,
  ...INSTANT_FAULTS,
  ...TEXT_FAULTS,
  ...RECORD_FAULTS,
  ...MODEL_FAULTS,
  ...VERSION_FAULTS,
  ...CSV_FAULTS,
  ...LINE_FAULTS,
  ...STAGE_FAULTS,
  ...VIEW_FAULTS,
];
