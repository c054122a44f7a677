import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a template may hold. Source: AWS CloudFormation User Guide, "Understand CloudFormation quotas"; for resources of
 * an API: Amazon API Gateway Developer Guide, "Quotas for configuring and running a REST API".
 */
export const LIMITS = {
  resources: 500,
  parameters: 200,
  outputs: 200,
  mappings: 200,
  /** Of a template in S3. */
  bytes: 1024 * 1024,
  /** Over all stacks that share the API; can be raised. */
  'API resources': 300,
} as const;

export type Limit = keyof typeof LIMITS;

/** How much of a limit is used, by the template that uses most of it. */
export interface Use {
  readonly limit: Limit;
  readonly used: number;
  readonly allowed: number;
  readonly template: string;
}

interface Template {
  readonly Resources?: Readonly<Record<string, { readonly Type: string }>>;
  readonly Parameters?: object;
  readonly Outputs?: object;
  readonly Mappings?: object;
}

/** What the templates of a synthesised app, nested ones included, use of each limit. */
export function limitsOf(directory: string): Use[] {
  const templates = readdirSync(directory)
    .filter((name) => name.endsWith('.template.json'))
    .map((name) => {
      const text = readFileSync(join(directory, name), 'utf8');
      return { name, bytes: Buffer.byteLength(text), template: JSON.parse(text) as Template };
    });
  const apiResources = templates.flatMap(({ template }) =>
    Object.values(template.Resources ?? {}).filter(({ Type }) => Type === 'AWS::ApiGateway::Resource'),
  ).length;
  const most = (limit: Limit, count: (of: (typeof templates)[number]) => number): Use => {
    const [name, used] = templates
      .map((of) => [of.name, count(of)] as const)
      .reduce((best, next) => (next[1] > best[1] ? next : best), ['', 0] as const);
    return { limit, used, allowed: LIMITS[limit], template: name };
  };
  return [
    most('resources', ({ template }) => Object.keys(template.Resources ?? {}).length),
    most('parameters', ({ template }) => Object.keys(template.Parameters ?? {}).length),
    most('outputs', ({ template }) => Object.keys(template.Outputs ?? {}).length),
    most('mappings', ({ template }) => Object.keys(template.Mappings ?? {}).length),
    most('bytes', ({ bytes }) => bytes),
    { limit: 'API resources', used: apiResources, allowed: LIMITS['API resources'], template: 'all of them' },
  ];
}

/** The same as a table for people, a line a limit. */
export function limitsReport(uses: readonly Use[]): string {
  return uses
    .map(({ limit, used, allowed, template }) => {
      const over = used > allowed ? '  OVER THE LIMIT' : '';
      return `${limit.padEnd(14)}${String(used).padStart(9)} of ${String(allowed).padEnd(9)} ${template}${over}\n`;
    })
    .join('');
}
