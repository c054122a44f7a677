/**
 * Folder of the objects that arrive at a moment, below an event type's prefix: `dt=yyyy-MM-dd/hour=HH/`, UTC, as the
 * table's partition projection expects them.
 *
 * @param arrivedAt epoch milliseconds.
 */
export function partitionFolder(arrivedAt: number): string {
  const instant = new Date(arrivedAt).toISOString();
  return `dt=${instant.slice(0, 10)}/hour=${instant.slice(11, 13)}/`;
}
