import AjvDraft04 from 'ajv-draft-04';
import { fault } from '../codec/json-body.ts';
import type { Model } from '../derive/model.ts';
import type { Fault } from '../errors.ts';

/** @returns undefined where a parsed body matches the model, else the first fault. */
export type ModelValidator = (value: unknown) => Fault | undefined;

/** Compiles a request model: what API Gateway enforces in the cloud, a draft-04 validator enforces here. */
export function compileModelValidator(model: Model): ModelValidator {
  // `strict` makes a keyword outside of the draft an error here rather than at a deployment.
  const validate = new AjvDraft04.default({ strict: true, allowUnionTypes: true }).compile(model);
  return (value) => {
    if (validate(value)) return undefined;
    const [error] = validate.errors ?? [];
    const path = `$${(error?.instancePath ?? '').replaceAll('/', '.')}`;
    return fault('SLUICE_MODEL', path, error?.message ?? 'compare the body with the model');
  };
}
