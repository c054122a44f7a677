import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newFolder, sluice } from '../support/cli.ts';
import { SCHEMAS } from '../support/schemas.ts';

interface Cost {
  readonly workload: { readonly types: readonly { readonly event_type: string; readonly rate: number }[] };
  readonly total: { readonly per_month: number };
  readonly stages: readonly { readonly stage: string; readonly per_month: number }[];
}

const cost = (...args: string[]) => sluice(['cost', '--schemas', SCHEMAS, ...args]);

describe.concurrent('sluice cost', () => {
  test('shows a person stages, event types, alternatives and assumptions', async () => {
    const { exitCode, stdout, stderr } = await cost('--rate', '50');
    expect([exitCode, stderr]).toEqual([0, '']);
    for (const part of [
      'By stage',
      'By event type',
      'What it would cost otherwise',
      'What is assumed',
      'aviation.flight',
    ]) {
      expect(stdout).toContain(part);
    }
    expect(stdout).not.toContain('\u001b[');
  });

  test('divides the rate among the event types of the schemas, or takes what each is given', async () => {
    const types = (result: { json<T>(): T }) =>
      result.json<Cost>().workload.types.map(({ event_type: type, rate }) => [type, rate]);
    expect(types(await cost('--rate', '30', '--json'))).toEqual([
      ['aviation.birdstrike', 10],
      ['aviation.flight', 10],
      ['seismic.earthquake', 10],
    ]);
    expect(types(await cost('--type', 'aviation.flight=7', '--type', 'seismic.earthquake=0.5', '--json'))).toEqual([
      ['aviation.flight', 7],
      ['seismic.earthquake', 0.5],
    ]);
    expect(
      types(await cost('--type', 'aviation.flight=7', '--type', 'seismic.earthquake', '--rate', '10', '--json')),
    ).toEqual([
      ['aviation.flight', 7],
      ['seismic.earthquake', 3],
    ]);
  });

  test('takes prices from a file', async () => {
    const file = join(newFolder(), 'prices.json');
    writeFileSync(file, JSON.stringify({ prices: { 'apiGateway.requests': { tiers: [{ upTo: null, price: 0 }] } } }));
    const stage = (result: { json<T>(): T }) =>
      result.json<Cost>().stages.find((one) => one.stage === 'API Gateway')!.per_month;
    const [own, public_] = [await cost('--prices', file, '--json'), await cost('--json')];
    expect(stage(public_) - stage(own)).toBeCloseTo(919.8, 6);
  });

  test.for<readonly [string, readonly string[]]>([
    ['--prices', ['--prices', '/nowhere/prices.json']],
    ['--assume', ['--assume', 'zones']],
    ['--types', ['--types', '2', '--type', 'aviation.flight']],
    ['--type', ['--type', 'aviation.flight=fast']],
    ['twice', ['--type', 'aviation.flight', '--type', 'aviation.flight=2']],
    ['--rate', ['--type', 'aviation.flight=2', '--rate', '3']],
    ['--rate', ['--rate', '0']],
    ['--event-size', ['--event-size', 'big']],
    ['--days-kept', ['--days-kept', '-1']],
    ['--route', ['--route', 'both']],
  ])('names %s where it cannot take it, and exits 2', async ([named, args]) => {
    const result = await cost(...args, '--json');
    expect(result.exitCode).toBe(2);
    expect(result.json()).toMatchObject({ error: { code: 'SLUICE_USAGE', message: expect.stringContaining(named) } });
  });

  test('of an event type without a schema exits 2', async () => {
    const result = await cost('--type', 'acme.order', '--json');
    expect(result).toMatchObject({ exitCode: 2 });
    expect(result.json()).toMatchObject({ error: { code: 'SLUICE_EVENT_TYPE_UNKNOWN' } });
  });
});
