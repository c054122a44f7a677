import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Says of a construct, and of all within it, why a rule of cdk-nag does not hold there. */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  Validations.of(construct).acknowledge(...Object.entries(reasons).map(([id, reason]) => ({ id, reason })));
}
