/** CloudFormation templates as far as a comparison needs them. Source: AWS CloudFormation User Guide, "Template sections". */

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string | undefined;
  readonly UpdateReplacePolicy?: string | undefined;
}

/** A stack with the stacks that it nests, by their logical ids. */
export interface StackTree {
  readonly name: string;
  readonly template: Template;
  readonly nested: Readonly<Record<string, StackTree>>;
}

export const NESTED_STACK = 'AWS::CloudFormation::Stack';
/** What `infra/` calls the resource that makes a topic and publishes schemas. */
export const CONTRACT = 'Custom::SluiceContract';

/**
 * A template from its JSON, without what changes nothing: metadata, and CDK's note of itself.
 *
 * @returns undefined where it is no template.
 */
export function parseTemplate(text: string): Template | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  const resources = asObject(asObject(document)?.Resources);
  if (resources === undefined) return undefined;
  const known: Record<string, Resource> = {};
  for (const [id, value] of Object.entries(resources)) {
    const resource = asObject(value);
    if (typeof resource?.Type !== 'string') return undefined;
    if (resource.Type === 'AWS::CDK::Metadata') continue;
    known[id] = {
      Type: resource.Type,
      Properties: asObject(resource.Properties) ?? {},
      DeletionPolicy: asText(resource.DeletionPolicy),
      UpdateReplacePolicy: asText(resource.UpdateReplacePolicy),
    };
  }
  return { Resources: known };
}

/** The event type that a nested stack is for, which its contract names; undefined where it has none. */
export function eventTypeOf({ Resources }: Template): string | undefined {
  const contract = Object.values(Resources).find(({ Type }) => Type === CONTRACT);
  return asText(contract?.Properties.EventType);
}

/** Logical ids and parameters that a value refers to, by any of CloudFormation's functions. */
export function referencesIn(value: unknown): Set<string> {
  const found = new Set<string>();
  const walk = (part: unknown): void => {
    if (Array.isArray(part)) for (const item of part) walk(item);
    const object = asObject(part);
    if (object === undefined) return;
    for (const [key, inner] of Object.entries(object)) {
      if (key === 'Ref' && typeof inner === 'string') found.add(inner);
      else if (key === 'Fn::GetAtt') found.add(String(Array.isArray(inner) ? inner[0] : inner).split('.')[0]!);
      else if (key === 'Fn::Sub') {
        const text = String(Array.isArray(inner) ? inner[0] : inner);
        for (const [, name] of text.matchAll(/\$\{([^!.}]+)[^}]*\}/g)) found.add(name!);
        walk(inner);
      } else walk(inner);
    }
  };
  walk(value);
  return found;
}

export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
