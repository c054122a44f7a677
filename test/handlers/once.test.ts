import { expect, test } from 'vitest';
import { once } from '../../src/handlers/once.ts';

test('what is shared is opened once, however many ask, and not before', async () => {
  let opened = 0;
  const open = once(async () => ++opened);
  expect(opened).toBe(0);
  expect(await Promise.all([open(), open(), open()])).toEqual([1, 1, 1]);
  expect(await open()).toBe(1);
});

test('what could not be opened is opened again by whoever asks next', async () => {
  let tries = 0;
  const open = once(async () => {
    tries += 1;
    if (tries < 3) throw new Error(`try ${tries}`);
    return tries;
  });
  await expect(Promise.all([open(), open()])).rejects.toThrow('try 1');
  await expect(open()).rejects.toThrow('try 2');
  expect(await open()).toBe(3);
  expect(await open()).toBe(3);
});
