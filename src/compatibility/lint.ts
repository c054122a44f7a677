import { deriveModel } from '../derive/model.ts';
import { branchName } from '../schema/ast.ts';
import { canonicalJson } from '../schema/canonical-json.ts';
import { schemaHistory } from '../schema/history.ts';
import { unionForm } from '../schema/union-form.ts';
import { compatibilityOf, DEFAULT_MODE, MODES } from './mode.ts';
import type { Rule, Spot } from './rule.ts';
import { countNodes } from './size.ts';
import { fieldsOf, listing, placesOf } from './walk.ts';

/** Source: Amazon API Gateway quotas, "Model size". */
const MAX_MODEL_BYTES = 400 * 1024;
/** Source: AWS Glue Schema Registry API, "SchemaDefinition". */
const MAX_DEFINITION_CHARACTERS = 170_000;

/** What needs no change to be felt. */
export const LINT_RULES: readonly Rule[] = [
  {
    id: 'LINT_VERSION_NEW',
    surface: 'LINT',
    severity: 'error',
    purpose: 'a version differs from every earlier one: equal schemas have one id, and nobody could tell them apart',
    affected: 'the version number of its events',
    advice: 'make the change that the version is for, or remove its file',
    over: 'pair',
    *find(earlier, later): Generator<Spot> {
      if (canonicalJson(earlier.definition) === canonicalJson(later.definition)) {
        yield { path: '$', message: 'it is the same as an earlier version' };
      }
    },
  },
  {
    id: 'LINT_DOCS_PRESENT',
    surface: 'LINT',
    severity: 'warning',
    purpose: 'the event and each of its fields has a doc: it becomes the comment of the column and the text of the API',
    affected: 'everybody who sends or reads the event',
    advice: 'add "doc": what the value is, its unit, and what null means',
    over: 'version',
    *find({ root }): Generator<Spot> {
      if (isBlank(root.doc)) yield { path: '$', message: 'the event has no doc' };
      for (const { field, path } of fieldsOf(root)) if (isBlank(field.doc)) yield { path, message: 'it has no doc' };
    },
  },
  {
    id: 'LINT_UNION_PLAIN',
    surface: 'LINT',
    severity: 'warning',
    purpose: 'the branches of a union can be told apart by their JSON shape; else each value must name its branch',
    affected: 'senders, and queries of its column',
    advice: 'use branches of different shapes, or separate fields that are nullable',
    over: 'version',
    *find({ root }): Generator<Spot> {
      for (const { node, path } of placesOf(root)) {
        if (node.kind !== 'union' || unionForm(node) === 'plain') continue;
        const forms = node.branches
          .filter(({ kind }) => kind !== 'null')
          .map((branch) => `{"${branchName(branch)}": value}`);
        yield { path, message: `a value must be written as ${forms.slice(0, 3).join(' or ')}` };
      }
    },
  },
  {
    id: 'LINT_LOGICAL_TYPE_HEEDED',
    surface: 'LINT',
    severity: 'warning',
    purpose: 'a logical type is one that is known, on a type that it may annotate; else Avro ignores it',
    affected: 'everybody who expects the logical type',
    advice: 'correct the annotation, or remove it',
    over: 'version',
    *find({ root }): Generator<Spot> {
      for (const { node, path } of placesOf(root)) {
        const ignored = 'ignored' in node ? node.ignored : undefined;
        if (ignored !== undefined) yield { path, message: `its logical type is ignored: ${ignored}` };
      }
    },
  },
  {
    id: 'LINT_COMPATIBILITY_SETTING',
    surface: 'LINT',
    severity: 'error',
    purpose: `sluice.compatibility is ${listing(Object.keys(MODES))}; less than ${DEFAULT_MODE} needs a sluice.compatibilityReason`,
    affected: 'whoever has to read old events later',
    advice: 'write the reason down, or leave the setting out',
    over: 'version',
    *find({ definition }): Generator<Spot> {
      const { fault } = compatibilityOf(definition);
      if (fault !== undefined) yield { path: '$', message: fault };
    },
  },
  {
    id: 'LINT_MODEL_SIZE',
    surface: 'LINT',
    severity: 'error',
    purpose: 'the request model has at most 400 KB (API Gateway)',
    affected: 'the deployment, which fails',
    advice: 'shorten docs, or make part of the event a map',
    over: 'version',
    *find(version): Generator<Spot> {
      // Each node of a model takes more than a dozen bytes: what is far too large is not written out.
      const nodes = countNodes(version.root);
      const model =
        nodes > MAX_MODEL_BYTES / 12
          ? undefined
          : deriveModel(schemaHistory(version.eventType, [{ ...version, version: 1 }]));
      const bytes = model === undefined ? undefined : Buffer.byteLength(JSON.stringify(model));
      if (bytes === undefined) yield { path: '$', message: `its model would describe ${nodes} values` };
      else if (bytes > MAX_MODEL_BYTES) yield { path: '$', message: `its model would have ${bytes} bytes` };
    },
  },
  {
    id: 'LINT_DEFINITION_SIZE',
    surface: 'LINT',
    severity: 'warning',
    purpose: 'the schema has at most 170,000 characters (AWS Glue Schema Registry)',
    affected: 'deployments whose registry is Glue',
    advice: 'shorten docs',
    over: 'version',
    *find({ definition }): Generator<Spot> {
      const characters = JSON.stringify(definition).length;
      if (characters > MAX_DEFINITION_CHARACTERS) yield { path: '$', message: `it has ${characters} characters` };
    },
  },
];

function isBlank(doc: string | undefined): boolean {
  return doc === undefined || doc.trim() === '';
}
