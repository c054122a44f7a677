import { afterAll, beforeAll, expect, test } from 'vitest';
import { openConfluentRegistry } from '../../../src/adapters/registry/confluent.ts';
import { keepSchemas } from '../../../src/adapters/registry/kept.ts';
import { readHistory } from '../../../src/local/event-types.ts';
import { type Apicurio, startApicurio } from '../../support/apicurio.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { ORDERS } from '../../support/registry-contract.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let apicurio: Apicurio;
beforeAll(async () => {
  apicurio = await startApicurio();
});
afterAll(() => apicurio?.stop());

test('histories outlive the registry that they were read of, and what it forgets with its life', async () => {
  const { url } = apicurio;
  const clock = manualClock();
  const folder = temporaryFolder();
  const told: string[] = [];
  const open = () =>
    keepSchemas(openConfluentRegistry({ url }), folder, {
      clock,
      onStale: ({ message }) => told.push(message),
      onFresh: () => told.push('fresh'),
      onWarning: (message) => told.push(message),
    });
  const registry = open();
  for (const [index, definition] of ORDERS.entries()) await registry.publish('shop.order', index + 1, definition);
  const before = await readHistory(registry, 'shop.order');
  expect(before.versions).toHaveLength(3);

  process.kill(apicurio.pid, 'SIGKILL');
  await apicurio.stop();
  for (const reader of [registry, open()]) {
    expect(await readHistory(reader, 'shop.order')).toEqual(before);
    expect(told.splice(0)).toEqual([expect.stringContaining('cannot be reached')]);
  }

  // It keeps nothing: this one is empty, and gives ids anew.
  apicurio = await startApicurio(Number(new URL(url).port));
  clock.advance(1_000);
  const bare = openConfluentRegistry({ url });
  expect(await bare.versions('shop.order')).toEqual([]);
  await bare.publish('shop.other', 1, ORDERS[0]);
  const fresh = open();
  expect(await fresh.eventTypes()).toEqual(['shop.order', 'shop.other']);
  expect(await readHistory(fresh, 'shop.order')).toEqual(before);
  expect(told).toEqual([]);
});
