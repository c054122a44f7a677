import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSchemas } from '../../infra/schemas.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const record = (...fields: object[]) => ({ type: 'record', name: 'Order', fields });
const ID = { name: 'id', type: 'string' };

function folderOf(files: Readonly<Record<string, object>>): string {
  const folder = temporaryFolder();
  for (const [path, definition] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), JSON.stringify(definition));
  }
  return folder;
}

test('a folder of schemas is read whole, in order', async () => {
  const note = { name: 'note', type: ['null', 'string'], default: null };
  const histories = await readSchemas(
    folderOf({
      'shop.refund/v1.avsc': record(ID),
      'shop.order/v1.avsc': record(ID),
      'shop.order/v2.avsc': record(ID, note),
    }),
  );
  expect(histories.map(({ eventType, versions }) => [eventType, versions.length])).toEqual([
    ['shop.order', 2],
    ['shop.refund', 1],
  ]);
});

test('a version that breaks a rule is not left out, but refused: what is deployed is what is in the folder', async () => {
  const folder = folderOf({
    'shop.order/v1.avsc': record(ID),
    'shop.order/v2.avsc': record(ID, { name: 'total', type: 'double' }),
  });
  await expect(readSchemas(folder)).rejects.toThrow(/^shop\.order v2: \$\.total/);
});

test('event types that would share a name are refused', async () => {
  const folder = folderOf({ 'shop.order/v1.avsc': record(ID), 'shop_order/v1.avsc': record(ID) });
  await expect(readSchemas(folder)).rejects.toThrow(/rename the event type/);
});
