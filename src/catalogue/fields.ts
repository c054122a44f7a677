import { childPath } from '../codec/json-path.ts';
import { type Column, deriveLayout, pathKey } from '../derive/layout.ts';
import { branchName, type Field, isRecursive, type Node, type Pii, type RecordNode } from '../schema/ast.ts';
import type { SchemaHistory } from '../schema/history.ts';
import { unionForm } from '../schema/union-form.ts';

/** One field of the newest version, at one of the places where it stands. */
export interface CatalogueField {
  /** JSONPath, as refusals name it; `[]` stands for any item of an array and `{}` for any value of a map. */
  readonly path: string;
  readonly field: Field;
  /** The column that holds it, alone or as part of a JSON text; undefined for a record whose fields have columns. */
  readonly column: Column | undefined;
  /** The first version that had it, under whatever name. */
  readonly since: number;
  /** What becomes of it as personal data, marked itself or part of what is. */
  readonly personal: Pii | undefined;
  /** Where the fields of its record are listed, where that is not below it: a record may stand in many places. */
  readonly fieldsAt: string | undefined;
}

/** A record of the newest version, and what it was in each earlier one, latest first. */
interface Lineage {
  readonly record: RecordNode;
  readonly earlier: readonly { readonly version: number; readonly record: RecordNode }[];
}

/** Where a record stands. */
interface Position {
  readonly path: string;
  /** The fields on the way to it; undefined inside of what one column holds. */
  readonly names: readonly string[] | undefined;
  readonly column: Column | undefined;
  readonly personal: Pii | undefined;
}

/**
 * Every field of the newest version. Records that make columns are unfolded wherever they stand, as the table unfolds
 * them; those inside of arrays, maps and unions where they are met first.
 */
export function catalogueFields(history: SchemaHistory): CatalogueField[] {
  const columns = new Map(
    deriveLayout(history).columns.flatMap((column) =>
      column.source === null ? [] : [[pathKey(column.source), column] as const],
    ),
  );
  const listed = new Map<RecordNode, string>();
  const found: CatalogueField[] = [];

  const unfold = (lineage: Lineage, { path, names, column: within, personal: inherited }: Position): void => {
    const { record } = lineage;
    if (!listed.has(record)) listed.set(record, path);
    for (const field of record.fields) {
      const here = [...(names ?? []), field.name];
      const isFlat = names !== undefined && field.node.kind === 'record' && !isRecursive(field.node);
      const column = names === undefined ? within : columns.get(pathKey(here));
      const former = formerFields(field, lineage);
      const at = childPath(path, field.name);
      const entry = {
        path: at,
        field,
        column,
        since: former.at(-1)?.version ?? history.newest.version,
        personal: field.pii ?? inherited,
      };
      const parts = [...recordsOf(field.node, at)];
      const elsewhere = isFlat ? undefined : parts.map((part) => listed.get(part.record)).find((place) => place);
      found.push({ ...entry, fieldsAt: elsewhere });
      for (const part of parts) {
        if (!isFlat && listed.has(part.record)) continue;
        const earlier = former.flatMap(({ version, field: before }) => {
          const known = [...recordsOf(before.node, '')];
          const same = known.find(({ steps }) => steps === part.steps) ?? (known.length === 1 ? known[0] : undefined);
          return same === undefined ? [] : [{ version, record: same.record }];
        });
        const names = isFlat ? here : undefined;
        unfold({ record: part.record, earlier }, { path: part.path, names, column, personal: entry.personal });
      }
    }
  };

  const earlier = history.versions.slice(0, -1).reverse();
  unfold(
    { record: history.newest.root, earlier: earlier.map(({ version, root }) => ({ version, record: root })) },
    { path: '$', names: [], column: undefined, personal: undefined },
  );
  return found;
}

/** The field in the earlier versions that had it, latest first: by its name or, where that is new, by an alias. */
function formerFields(
  field: Field,
  { record, earlier }: Lineage,
): { readonly version: number; readonly field: Field }[] {
  const found: { version: number; field: Field }[] = [];
  let [later, known] = [record, field];
  for (const { version, record: before } of earlier) {
    const former =
      before.fields.find(({ name }) => name === known.name) ??
      before.fields.find(
        ({ name }) => known.aliases.includes(name) && later.fields.every((other) => other.name !== name),
      );
    // A field may be away for some versions.
    if (former === undefined) continue;
    found.push({ version, field: former });
    [later, known] = [before, former];
  }
  return found;
}

interface RecordPart {
  readonly record: RecordNode;
  readonly path: string;
  /** The way to it from the field, but for unions with nothing but null: to become optional is no other way. */
  readonly steps: string;
}

/** The records that a field's value is made of, without those that are inside of these. */
function* recordsOf(node: Node, path: string, steps = ''): Generator<RecordPart> {
  switch (node.kind) {
    case 'record':
      yield { record: node, path, steps };
      return;
    case 'array':
      yield* recordsOf(node.items, `${path}[]`, `${steps}[]`);
      return;
    case 'map':
      yield* recordsOf(node.values, `${path}{}`, `${steps}{}`);
      return;
    case 'union': {
      const isTagged = unionForm(node) === 'tagged';
      for (const branch of node.branches) {
        const name = branchName(branch);
        const way = isTagged ? `${steps}|${name}` : steps;
        yield* recordsOf(branch, isTagged ? childPath(path, name) : path, way);
      }
    }
  }
}
