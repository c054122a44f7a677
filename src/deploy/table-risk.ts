import { canonicalJson } from '../schema/canonical-json.ts';
import { asList, asObject, asText } from './template.ts';

/** What a change would lose, and how to do without. */
export interface Loss {
  readonly loss: string;
  readonly way: string;
}

interface Column {
  readonly name: string;
  readonly type: string;
}

const APPEND =
  'columns are only ever appended: keep the old ones where they are; "sluice schema check" finds such versions';

/**
 * What old objects would not say any more, were they read by the new table. The columns of CSV are found by their
 * position: one that moves shows another one's values.
 *
 * @param before properties of `AWS::Glue::Table`.
 */
export function tableRisks(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Loss[] {
  const [old, next] = [inputOf(before), inputOf(after)];
  // A view holds nothing, and names the columns that it gives.
  if (old.kind === VIEW && next.kind === VIEW) return [];
  const found: Loss[] = [];
  const differ = (what: string, a: unknown, b: unknown, loss: string): void => {
    if (canonicalJson(a ?? null) === canonicalJson(b ?? null)) return;
    found.push({ loss: `${what} changes: ${loss}`, way: 'keep it; a table of another name may have another one' });
  };
  differ('its location', old.location, next.location, 'the objects at the old one are not read any more');
  differ(
    'storage.location.template',
    old.parameters['storage.location.template'],
    next.parameters['storage.location.template'],
    'the objects at the old place are not read any more',
  );
  differ('the way it is read', old.serde, next.serde, 'old objects are read wrongly');
  differ('its partitions', old.keys, next.keys, 'old folders are not found any more');
  const [oldStart, nextStart] = [rangeStart(old.parameters), rangeStart(next.parameters)];
  if (oldStart !== undefined && (nextStart === undefined || nextStart > oldStart)) {
    const loss = `projection.dt.range begins at ${nextStart ?? 'no day'}, not ${oldStart}: days before it are not read`;
    found.push({ loss, way: 'let it begin where it did' });
  }
  found.push(...columnRisks(old.columns, next.columns));
  return found;
}

function columnRisks(old: readonly Column[], next: readonly Column[]): Loss[] {
  const found: Loss[] = [];
  for (const [position, { name, type }] of old.entries()) {
    const now = next.findIndex((column) => column.name === name);
    if (now === -1) {
      const there = next[position];
      const shown = there === undefined ? '' : `; "${there.name}" would show its values`;
      found.push({ loss: `column "${name}" at position ${position} is gone${shown}`, way: APPEND });
    } else if (now !== position) {
      found.push({ loss: `column "${name}" moves from position ${position} to ${now}`, way: APPEND });
    } else if (next[now]!.type !== type && !isWider(type, next[now]!.type)) {
      const loss = `column "${name}" is ${next[now]!.type} and was ${type}: old values may be null or bent`;
      found.push({ loss, way: 'keep its type, and give the other one a column of its own' });
    }
  }
  return found;
}

/** Types that read every text of the ones before. Source: the ranges of Hive's types. */
const WHOLE = ['tinyint', 'smallint', 'int', 'bigint'];

function isWider(old: string, next: string): boolean {
  if (next === 'string') return true;
  const [from, to] = [WHOLE.indexOf(old), WHOLE.indexOf(next)];
  if (from !== -1 && to !== -1) return to >= from;
  return old === 'float' && next === 'double';
}

const VIEW = 'VIRTUAL_VIEW';

function inputOf(properties: Readonly<Record<string, unknown>>) {
  const input = asObject(properties.TableInput);
  const storage = asObject(input?.StorageDescriptor);
  return {
    kind: input?.TableType,
    location: storage?.Location,
    parameters: asObject(input?.Parameters) ?? {},
    serde: { how: storage?.SerdeInfo, input: storage?.InputFormat },
    keys: columnsOf(input?.PartitionKeys),
    columns: columnsOf(storage?.Columns),
  };
}

function columnsOf(value: unknown): Column[] {
  return asList(value).map((item) => {
    const column = asObject(item);
    return { name: asText(column?.Name) ?? '', type: asText(column?.Type) ?? '' };
  });
}

function rangeStart(parameters: Readonly<Record<string, unknown>>): string | undefined {
  return asText(parameters['projection.dt.range'])?.split(',')[0];
}
