import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { dataFolder, lockDataFolder, writeRunning } from '../../src/local/data-folder.ts';
import { type CliResult, newFolder, sluice } from '../support/cli.ts';
import { openLocalParts } from '../support/local-parts.ts';
import { manualClock } from '../support/manual-clock.ts';
import { messageOf } from '../support/messages.ts';
import { SCHEMAS } from '../support/schemas.ts';

const TYPE = 'aviation.flight';
const NOTHING = { accepted: 0, delivered: 0, failed: 0, in_flight: 0, lag: null };

describe.concurrent('sluice status', () => {
  test('of a data folder that is not there shows zeros, and does not make one', async () => {
    const data = join(newFolder(), 'data');
    const result = await status(data, '--json');
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.json()).toEqual({
      running: null,
      types: { 'aviation.birdstrike': NOTHING, 'aviation.flight': NOTHING, 'seismic.earthquake': NOTHING },
      conserved: true,
    });
    expect(existsSync(data)).toBe(false);
  });

  test('shows what is delivered, failed and in flight, of types without a schema too', async () => {
    const data = newFolder();
    await account(data);
    const result = await status(data, '--json');
    expect(result.exitCode).toBe(0);
    expect(result.json()).toMatchObject({
      types: {
        [TYPE]: { accepted: 4, delivered: 1, failed: 1, in_flight: 2 },
        'acme.gone': { accepted: 1, delivered: 0, failed: 0, in_flight: 1 },
      },
      conserved: true,
    });
  });

  test('exits 1 where an event is not accounted for, and shows of which type', async () => {
    const data = newFolder();
    await account(data);
    const ledger = new DatabaseSync(dataFolder(data).ledgerFile);
    ledger.prepare('UPDATE counter SET accepted = accepted + 1 WHERE event_type = ?').run(TYPE);
    ledger.close();
    const [text, json] = await Promise.all([status(data), status(data, '--json')]);
    expect(json.exitCode).toBe(1);
    expect(json.json()).toMatchObject({ types: { [TYPE]: { accepted: 5 } }, conserved: false });
    expect(text.exitCode).toBe(1);
    expect(text.stdout).toMatch(/│ aviation\.flight +│ +5 │ +1 │ +1 │ +2 │ NO +│/);
    expect(text.stdout).toMatch(/│ aviation\.birdstrike +│ +0 │ +0 │ +0 │ +0 │ yes +│/);
  });

  test('says where a pipeline runs, and that none does where its process is gone', async () => {
    const data = newFolder();
    const running = { url: 'http://127.0.0.1:1', brokers: '127.0.0.1:2', pid: process.pid };
    const unlock = await lockDataFolder(dataFolder(data));
    await writeRunning(dataFolder(data), running);
    expect((await status(data, '--json')).json()).toMatchObject({ running });
    expect((await status(data)).stdout).toContain('running at http://127.0.0.1:1');
    unlock();
    expect((await status(data, '--json')).json()).toMatchObject({ running: null });
  });

  test('has no colours in a pipe, unless they are asked for', async () => {
    const data = newFolder();
    expect((await status(data)).stdout).not.toContain('\u001b');
    expect((await status(data, { FORCE_COLOR: '1' })).stdout).toContain('\u001b[1m');
    expect((await status(data, { NO_COLOR: '1' })).stdout).not.toContain('\u001b');
  });
});

function status(data: string, ...more: (string | Record<string, string>)[]): Promise<CliResult> {
  const flags = more.filter((item) => typeof item === 'string');
  const env = Object.assign({}, ...more.filter((item) => typeof item !== 'string'));
  return sluice(['status', '--schemas', SCHEMAS, '--data', data, ...flags], { env });
}

/** Accepts five events; one of them is delivered, one failed. */
async function account(data: string): Promise<void> {
  const { ledger, queue } = await openLocalParts(data, manualClock());
  const [first, second] = await queue.send([
    ...['a', 'b', 'c', 'd'].map((id) => messageOf(TYPE, id)),
    messageOf('acme.gone', 'e'),
  ]);
  ledger.settle([first!], 'delivered');
  ledger.settle([second!], 'failed');
  ledger.close();
}
