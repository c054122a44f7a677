import AjvDraft04 from 'ajv-draft-04';
import { fault } from '../codec/json-body.ts';
import { childPath } from '../codec/json-path.ts';
import type { Model } from '../derive/model.ts';
import type { Fault } from '../errors.ts';

/** @returns undefined where a parsed body matches the model, else the first fault. */
export type ModelValidator = (value: unknown) => Fault | undefined;

/** Compiles a request model: what API Gateway enforces in the cloud, a draft-04 validator enforces here. */
export function compileModelValidator(model: Model): ModelValidator {
  // `strict` makes a keyword outside of the draft an error here rather than at a deployment; `ownProperties` keeps an
  // optional field called `constructor` from being found in every object.
  const validate = new AjvDraft04.default({ strict: true, allowUnionTypes: true, ownProperties: true }).compile(model);
  return (value) => {
    if (validate(value)) return undefined;
    const [error] = validate.errors ?? [];
    return fault(
      'SLUICE_MODEL',
      jsonPath(error?.instancePath ?? '', value),
      error?.message ?? 'compare the body with the model',
    );
  };
}

/** A JSON Pointer (RFC 6901) into a body as the JSONPath that faults carry. */
function jsonPath(pointer: string, body: unknown): string {
  let path = '$';
  let value = body;
  for (const segment of pointer.split('/').slice(1)) {
    const name = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    path = childPath(path, Array.isArray(value) ? Number(name) : name);
    value = (value as Record<string, unknown>)[name];
  }
  return path;
}
