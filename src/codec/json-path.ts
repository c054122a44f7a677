/** JSONPath of a child: `$.name` for plain names, `$['odd name']` else, `$[3]` for an item (RFC 9535). */
export function childPath(parent: string, child: string | number): string {
  if (typeof child === 'number') return `${parent}[${child}]`;
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(child)) return `${parent}.${child}`;
  return `${parent}['${child.replace(/[\\']/g, '\\$&')}']`;
}
