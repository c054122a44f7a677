interface RecordJson {
  readonly name: string;
  readonly aliases?: string[];
  readonly fields: { name: string; aliases?: string[]; default?: unknown }[];
}

/** The same pair without aliases of fields: the writer's fields are called as the reader's that take them. */
export function settleAliases(
  writer: unknown,
  reader: unknown,
): { readonly writer: unknown; readonly reader: unknown } {
  const settled = structuredClone({ writer, reader });
  const written = new Map(recordsIn(settled.writer).map((record) => [record.name, record.fields]));
  // A writer's defaults are nobody's concern, and those of records would miss the new names.
  for (const field of [...written.values()].flat()) delete field.default;
  for (const record of recordsIn(settled.reader)) {
    const names = [record.name, ...(record.aliases ?? [])].flatMap((name) => [name, `test.${unqualified(name)}`]);
    const from = written.get(names.find((name) => written.has(name)) ?? '') ?? [];
    const taken = new Set(record.fields.filter((field) => from.some(({ name }) => name === field.name)));
    for (const field of from) {
      if (record.fields.some(({ name }) => name === field.name)) continue;
      const heir = record.fields.find((candidate) => !taken.has(candidate) && candidate.aliases?.includes(field.name));
      if (heir === undefined) continue;
      taken.add(heir);
      field.name = heir.name;
    }
    for (const field of record.fields) field.aliases = [];
  }
  return settled;
}

function unqualified(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function recordsIn(schema: unknown): RecordJson[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const parts = Object.entries(schema).flatMap(([key, part]) => (key === 'default' ? [] : recordsIn(part)));
  return 'fields' in schema ? [schema as RecordJson, ...parts] : parts;
}
