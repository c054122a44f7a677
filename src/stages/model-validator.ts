import AjvDraft04 from 'ajv-draft-04';
import { fault } from '../codec/json-body.ts';
import { type ShowWay, showWay, type Way } from '../codec/json-path.ts';
import type { Model } from '../derive/model-keywords.ts';
import type { Fault } from '../errors.ts';

/** @returns undefined where a parsed body matches the model, else the first fault. */
export type ModelValidator = (value: unknown) => Fault | undefined;

/**
 * Compiles a request model: what API Gateway enforces in the cloud, a draft-04 validator enforces here.
 *
 * @param show says how a place in a body is shown.
 */
export function compileModelValidator(model: Model, show: ShowWay = showWay): ModelValidator {
  // `strict` makes a keyword outside of the draft an error here rather than at a deployment; `ownProperties` keeps an
  // optional field called `constructor` from being found in every object.
  const validate = new AjvDraft04.default({ strict: true, allowUnionTypes: true, ownProperties: true }).compile(model);
  return (value) => {
    if (validate(value)) return undefined;
    const [error] = validate.errors ?? [];
    return fault(
      'SLUICE_MODEL',
      show(wayOf(error?.instancePath ?? '', value)),
      error?.message ?? 'compare the body with the model',
    );
  };
}

/** Where a JSON Pointer (RFC 6901) leads in a body. */
function wayOf(pointer: string, body: unknown): Way {
  let value = body;
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => {
      const name = segment.replaceAll('~1', '/').replaceAll('~0', '~');
      const step = Array.isArray(value) ? Number(name) : name;
      value = (value as Record<string, unknown>)[name];
      return step;
    });
}
