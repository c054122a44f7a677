import { describe, expect, test } from 'vitest';
import { sluice } from '../support/cli.ts';
import { SCHEMAS } from '../support/schemas.ts';

const capacity = (...args: string[]) => sluice(['capacity', '--schemas', SCHEMAS, ...args]);

describe.concurrent('sluice capacity', () => {
  test('says which quota is full first and at which rate, and exits 0 where the load goes', async () => {
    const { exitCode, stdout, stderr } = await capacity();
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('First at its limit: API Gateway');
    expect(stdout).toContain('at 10,000 events/s');
    expect(stdout).toContain('Nothing: no quota is used by more than four fifths.');
    expect(stdout).toContain('Skew: ');
  });

  test('says what to raise to which value, and exits 1 where the load does not go', async () => {
    const { exitCode, stdout } = await capacity('--types', '1', '--rate', '6000');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/- Firehose \(event\), bytes into one stream .* is used by 146 %: to 13 MB\/s: /);
  });

  test('gives every quota with its source as one document', async () => {
    const document = (await capacity('--types', '1', '--json')).json<{ quotas: object[]; first: object }>();
    expect(document.first).toMatchObject({ id: 'firehose.bytes', saturates_at_events_per_s: expect.closeTo(4096, 3) });
    expect(document.quotas).toContainEqual(
      expect.objectContaining({ id: 'msk.partitions', value: 2400, raise_to: null }),
    );
    expect(document.quotas.every((quota) => 'source' in quota && 'unit' in quota)).toBe(true);
  });

  test('gives a cluster its share where there are several', async () => {
    const used = async (clusters: string) => {
      const { quotas } = (await capacity('--clusters', clusters, '--json')).json<{
        quotas: { id: string; used: number }[];
      }>();
      return quotas.find(({ id }) => id === 'msk.in')!.used;
    };
    expect(await used('1')).toBeCloseTo((await used('2')) * 2, 9);
  });
});
