import { beforeEach, describe, expect, it } from 'vitest';
import { type Circuit, circuit } from '../../../src/adapters/registry/circuit.ts';
import { SluiceError } from '../../../src/errors.ts';
import { type ManualClock, manualClock } from '../../support/manual-clock.ts';

const AWAY = new SluiceError('SLUICE_REGISTRY_UNAVAILABLE', 'it is away');
const instead = async (): Promise<string> => 'kept';
const nothing = async (): Promise<string | undefined> => undefined;

describe('a circuit', () => {
  let clock: ManualClock;
  let told: string[];
  let tries: number;
  let run: Circuit['run'];
  beforeEach(() => {
    clock = manualClock();
    told = [];
    tries = 0;
    ({ run } = circuit(
      clock,
      ({ message }) => told.push(message),
      () => told.push('it is back'),
    ));
  });
  const fails = async (): Promise<string> => {
    tries += 1;
    throw AWAY;
  };
  const works = async (): Promise<string> => {
    tries += 1;
    return 'fresh';
  };

  it('gives what work gives', async () => {
    expect(await run(works, instead)).toBe('fresh');
    expect(told).toEqual([]);
  });

  it('tries again after 1 s, 2 s, 4 s and so on, and after 30 s at most, however many ask', async () => {
    await run(fails, instead);
    expect(tries).toBe(1);
    const seconds: number[] = [];
    for (let second = 1; second <= 130; second += 1) {
      clock.advance(1_000);
      const before = tries;
      const answers = await Promise.all(Array.from({ length: 20 }, () => run(fails, instead)));
      expect(new Set(answers)).toEqual(new Set(['kept']));
      expect(tries - before).toBeLessThanOrEqual(1);
      if (tries > before) seconds.push(second);
    }
    expect(seconds).toEqual([1, 3, 7, 15, 31, 61, 91, 121]);
    expect(told).toEqual(['it is away']);
  });

  it('has nobody wait for a try who has another answer', async () => {
    await run(fails, instead);
    clock.advance(1_000);
    const slow = Promise.withResolvers<string>();
    expect(await run(() => slow.promise, instead)).toBe('kept');
    clock.advance(60_000);
    // One try at a time.
    expect(await run(works, instead)).toBe('kept');
    expect(tries).toBe(1);
    slow.resolve('fresh');
    await slow.promise;
    expect(await run(works, instead)).toBe('fresh');
    expect(told).toEqual(['it is away', 'it is back']);
  });

  it('has those wait who have no other answer, and gives them the error at rest', async () => {
    await expect(run(fails, nothing)).rejects.toBe(AWAY);
    await expect(run(works, nothing)).rejects.toBe(AWAY);
    clock.advance(1_000);
    expect(await run(works, nothing)).toBe('fresh');
  });

  it('begins anew with the next outage', async () => {
    for (let outage = 0; outage < 2; outage += 1) {
      await run(fails, instead);
      clock.advance(1_000);
      expect(await run(works, nothing)).toBe('fresh');
    }
    expect(told).toEqual(['it is away', 'it is back', 'it is away', 'it is back']);
  });

  it('takes any other error for an answer', async () => {
    const refused = new SluiceError('SLUICE_REGISTRY_REFUSED', 'not so');
    const refuses = async (): Promise<string> => {
      throw refused;
    };
    await expect(run(refuses, instead)).rejects.toBe(refused);
    await run(fails, instead);
    clock.advance(1_000);
    await expect(run(refuses, nothing)).rejects.toBe(refused);
    expect(told).toEqual(['it is away', 'it is back']);
    expect(await run(works, instead)).toBe('fresh');
  });

  it('is not closed by those who asked before it opened', async () => {
    const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const asked = [run(() => first.promise, instead), run(() => second.promise, instead)];
    first.reject(AWAY);
    second.reject(AWAY);
    expect(await Promise.all(asked)).toEqual(['kept', 'kept']);
    expect(told).toEqual(['it is away']);
    clock.advance(999);
    await run(works, instead);
    expect(tries).toBe(0);
  });
});
