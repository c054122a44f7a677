import { API_RULES } from './api.ts';
import { COLUMN_RULES } from './columns.ts';
import { FILE_RULES } from './files.ts';
import { LINT_RULES } from './lint.ts';
import { PERSONAL_RULES } from './personal.ts';
import { REPLAY_RULES } from './replay.ts';
import { type Rule, SURFACES } from './rule.ts';
import { WIRE_RULES } from './wire.ts';

/** Every rule, by surface. Adding one here puts it into the check, its documentation and its tests. */
export const RULES: readonly Rule[] = [
  ...WIRE_RULES,
  ...API_RULES,
  ...COLUMN_RULES,
  ...PERSONAL_RULES,
  ...REPLAY_RULES,
  ...FILE_RULES,
  ...LINT_RULES,
].sort((a, b) => SURFACES.indexOf(a.surface) - SURFACES.indexOf(b.surface));
