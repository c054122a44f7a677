import RULES from './replacement.json' with { type: 'json' };

/**
 * Whether a change of a property makes CloudFormation replace the resource: create another one, and delete the one that
 * there is.
 */
export type Replacement = 'no' | 'maybe' | 'yes';

interface Rule {
  /** Paths of properties whose change replaces the resource, steps divided by dots, without positions in lists. */
  readonly replaces: readonly string[];
  /** Paths of those whose change may do so. */
  readonly mayReplace?: readonly string[];
}

/** From the resource specification that the AWS CDK carries ("Update requires: Replacement"). */
const BY_TYPE: Readonly<Record<string, Rule | undefined>> = RULES;

/** Of what has no specification: CloudFormation cannot move a custom resource to another provider. */
const CUSTOM: Rule = { replaces: ['ServiceToken'] };

/**
 * What the specification leaves out: Glue's `UpdateTable` and `UpdateDatabase` cannot rename, so that CloudFormation
 * creates another one.
 */
const NAMES_INSIDE: Readonly<Record<string, readonly string[]>> = {
  'AWS::Glue::Table': ['TableInput.Name'],
  'AWS::Glue::Database': ['DatabaseInput.Name'],
};

/** What becomes of a resource of a type when something at a path changes. */
export function replacementBy(type: string, path: string): Replacement {
  const { replaces, mayReplace = [] } = BY_TYPE[type] ?? (type.startsWith('Custom::') ? CUSTOM : { replaces: [] });
  const meets = (other: string): boolean => isWithin(path, other) || isWithin(other, path);
  if ([...replaces, ...(NAMES_INSIDE[type] ?? [])].some(meets)) return 'yes';
  return mayReplace.some(meets) ? 'maybe' : 'no';
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`);
}
