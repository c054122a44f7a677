/**
 * The consumer group of a data folder's pipeline. Each folder has one of its own: what another one's pipeline has read
 * of the same topics is still to be read by this one.
 */
export function consumerGroup(ledgerId: string): string {
  return `sluice-${ledgerId}`;
}
