import { type CfnResource, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, type IApplyRule } from 'cdk-nag';
import type { IConstruct } from 'constructs';

/**
 * The AwsSolutions rules of cdk-nag. A finding about a resource quotes references by the names that CDK gives them at the
 * end of a synthesis, so that nobody could acknowledge it by name: here an acknowledgement says `<>` for any reference,
 * as in `AwsSolutions-IAM5[Resource::<>/failed/*]`, and means all else to the letter.
 */
export class NagRules extends AwsSolutionsChecks {
  protected override applyRule(params: IApplyRule): void {
    const suffix = params.ruleSuffixOverride ?? params.rule.name;
    const rule = (node: CfnResource): ReturnType<IApplyRule['rule']> => {
      const result = params.rule(node);
      if (!Array.isArray(result)) return result;
      const known = acknowledgedAt(node);
      return result.filter((finding) => {
        return !known.has(`${this.packName}-${suffix}[${withoutReferences(finding)}]`);
      });
    };
    super.applyRule({ ...params, ruleSuffixOverride: suffix, rule });
  }
}

/** cdk-nag writes a reference in angle brackets, and a part of one as JSON. */
function withoutReferences(finding: string): string {
  return finding.replace(/<[^<>]*>|\{"Fn::Select":.*?(?:\]\}){2,3}/g, '<>');
}

/** What is acknowledged of a construct, or of one that it is in. */
function acknowledgedAt(construct: IConstruct): Set<string> {
  const entries = construct.node.scopes.flatMap(({ node }) => node.metadata);
  const rules = entries.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY);
  return new Set(rules.flatMap(({ data }) => Object.keys(data ?? {}).map((id) => id.replace(/^annotation::/i, ''))));
}
