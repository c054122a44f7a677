import type { SchemaHistory } from '../schema/history.ts';
import { deriveModel } from './model.ts';
import type { Model } from './model-keywords.ts';

/** Most bytes of a model. Source: API Gateway Developer Guide, "Quotas for configuring and running a REST API". */
export const MAX_MODEL_BYTES = 400 * 1024;

/** The model that is deployed, and what it had to go without. */
export interface DeployedModel {
  readonly model: Model;
  /** `descriptions`: it judges the same. `fields`: it takes any object, and leaves all the rest to the codec. */
  readonly without: 'nothing' | 'descriptions' | 'fields';
}

/**
 * Derives the request model as API Gateway takes it: one over its limit would fail the deployment of all event types.
 *
 * @param maxBytes MAX_MODEL_BYTES by default.
 */
export function deriveDeployedModel(history: SchemaHistory, maxBytes: number = MAX_MODEL_BYTES): DeployedModel {
  const model = deriveModel(history);
  const fits = (candidate: Model): boolean => Buffer.byteLength(JSON.stringify(candidate)) <= maxBytes;
  if (fits(model)) return { model, without: 'nothing' };
  const bare = undescribed(model);
  if (fits(bare)) return { model: bare, without: 'descriptions' };
  const { $schema, title, description } = model;
  return { model: { $schema, title, description, type: 'object' }, without: 'fields' };
}

/** A model without the descriptions of its fields. */
function undescribed(model: Model): Model {
  return Object.fromEntries(
    Object.entries(model).flatMap(([keyword, value]): [string, unknown][] => {
      if (keyword === 'description') return [];
      if (keyword === 'properties' || keyword === 'definitions') {
        const named = Object.entries(value as Readonly<Record<string, Model>>);
        return [[keyword, Object.fromEntries(named.map(([name, member]) => [name, undescribed(member)]))]];
      }
      const isModel = (keyword === 'items' || keyword === 'additionalProperties') && typeof value === 'object';
      return [[keyword, isModel ? undescribed(value as Model) : value]];
    }),
  );
}
