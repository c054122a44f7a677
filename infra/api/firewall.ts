import { aws_wafv2 as waf } from 'aws-cdk-lib';
import { Construct } from 'constructs';

export interface FirewallProps {
  readonly name: string;
  /** ARN of the API's stage. */
  readonly stageArn: string;
}

/**
 * Rules of AWS's own that look at bodies only count what they find: an event may hold any text, such as a path or a piece
 * of HTML, and be far longer than the 8 KB which one of them allows. Nor need a sender be a browser.
 */
const COUNTED = {
  AWSManagedRulesCommonRuleSet: [
    'SizeRestrictions_BODY',
    'CrossSiteScripting_BODY',
    'EC2MetaDataSSRF_BODY',
    'GenericLFI_BODY',
    'GenericRFI_BODY',
    'NoUserAgent_HEADER',
  ],
  AWSManagedRulesKnownBadInputsRuleSet: ['JavaDeserializationRCE_BODY', 'Log4JRCE_BODY'],
  AWSManagedRulesAmazonIpReputationList: [],
} as const;

/** A web application firewall before the API: AWS's managed rules, without those that would refuse good events. */
export class Firewall extends Construct {
  constructor(scope: Construct, id: string, { name, stageArn }: FirewallProps) {
    super(scope, id);
    const visibility = (metricName: string) => ({
      cloudWatchMetricsEnabled: true,
      metricName,
      // Samples would keep requests, headers included.
      sampledRequestsEnabled: false,
    });
    const acl = new waf.CfnWebACL(this, 'Acl', {
      name,
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visibility(name),
      rules: Object.entries(COUNTED).map(([ruleSet, counted], priority) => ({
        name: ruleSet,
        priority,
        overrideAction: { none: {} },
        statement: {
          managedRuleGroupStatement: {
            vendorName: 'AWS',
            name: ruleSet,
            ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
          },
        },
        visibilityConfig: visibility(`${name}-${ruleSet}`),
      })),
    });
    new waf.CfnWebACLAssociation(this, 'Association', { resourceArn: stageArn, webAclArn: acl.attrArn });
  }
}
