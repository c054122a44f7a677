import { isRecursive, type Node, type RecordNode } from '../schema/ast.ts';

/** More columns than anybody reads; a few records that hold each other twice make millions of them. */
export const MAX_COLUMNS = 2000;

/** Counts what a schema unfolds to, without unfolding it: the work depends on its text alone. */
class Unfolding {
  readonly #columns = new Map<RecordNode, number>();
  readonly #nodes = new Map<RecordNode, number>();

  /** Leaves of the flattened record. */
  columns(record: RecordNode): number {
    return remembered(this.#columns, record, () =>
      sum(record.fields.map(({ node }) => (node.kind === 'record' && !isRecursive(node) ? this.columns(node) : 1))),
    );
  }

  /** Nodes of the tree in which every record stands wherever it is used, a recursive one once for each use. */
  nodes(node: Node): number {
    switch (node.kind) {
      case 'record':
        return remembered(this.#nodes, node, () => 1 + sum(node.fields.map((field) => this.nodes(field.node))));
      case 'array':
        return 1 + this.nodes(node.items);
      case 'map':
        return 1 + this.nodes(node.values);
      case 'union':
        return 1 + sum(node.branches.map((branch) => this.nodes(branch)));
      default:
        return 1;
    }
  }
}

/** A record that is met again while it is counted counts as one. */
function remembered(known: Map<RecordNode, number>, record: RecordNode, count: () => number): number {
  const before = known.get(record);
  if (before !== undefined) return before;
  known.set(record, 1);
  const counted = count();
  known.set(record, counted);
  return counted;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** How many columns a version has, system columns not counted. */
export function countColumns(root: RecordNode): number {
  return new Unfolding().columns(root);
}

/** How many nodes a schema has once every use of a record is written out. */
export function countNodes(root: RecordNode): number {
  return new Unfolding().nodes(root);
}
