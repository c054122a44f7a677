/** Names and texts in SQL, spelled alike by DuckDB and Athena. */

/** A name as an SQL identifier, whatever it is: fields may be called `select` or `order`. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
