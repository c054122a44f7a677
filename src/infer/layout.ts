const WIDTH = 120;

/** JSON text as the schemas of this repository are laid out: what fits on a line of 120 characters stands on one. */
export function layOut(value: unknown): string {
  return `${broken(value, '')}\n`;
}

/** @param room characters that are left on the line. */
function lines(value: unknown, indent: string, room: number): string {
  const line = inline(value);
  return line.length <= room ? line : broken(value, indent);
}

function broken(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const parts = Object.entries(value).map(([key, item]) => {
    const start = Array.isArray(value) ? inner : `${inner}${JSON.stringify(key)}: `;
    return start + lines(item, inner, WIDTH - start.length - 1);
  });
  return parts.length === 0 ? `${open}${close}` : `${open}\n${parts.join(',\n')}\n${indent}${close}`;
}

function inline(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${inline(item)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}
