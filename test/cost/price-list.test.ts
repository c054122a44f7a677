import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { costOf, DEFAULT_PRICES, parsePriceList } from '../../src/cost/price-list.ts';

describe('a price in tiers', () => {
  const price = {
    per: 10,
    tiers: [
      { upTo: 100, price: 5 },
      { upTo: 300, price: 2 },
      { upTo: null, price: 1 },
    ],
  };

  test('is paid tier by tier', () => {
    // 100 at 5 for 10, 200 at 2 for 10, 50 at 1 for 10
    expect(costOf(price, 350)).toBe(50 + 40 + 5);
    expect(costOf(price, 100)).toBe(50);
    expect(costOf(price, 0)).toBe(0);
  });

  test('is what its units cost one by one', () => {
    fc.assert(
      fc.property(fc.nat(500), (quantity) => {
        let sum = 0;
        for (let unit = 1; unit <= quantity; unit += 1) sum += (unit <= 100 ? 5 : unit <= 300 ? 2 : 1) / 10;
        expect(costOf(price, quantity)).toBeCloseTo(sum, 6);
      }),
      { numRuns: 100 },
    );
  });
});

test('every default price says what it is for, where it is from and when somebody looked', () => {
  for (const [name, price] of Object.entries(DEFAULT_PRICES.prices)) {
    expect(price, name).toMatchObject({
      unit: expect.stringMatching(/./),
      source: expect.stringMatching(/^aws\.amazon\.com\//),
      checked: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      confidence: expect.stringMatching(/^(seen|general)$/),
    });
  }
  expect(parsePriceList(JSON.stringify(DEFAULT_PRICES), 'prices.json')).toEqual(DEFAULT_PRICES);
});

describe("a price file of one's own", () => {
  test('replaces the prices that it names, and leaves the others', () => {
    const own = { region: 'eu-central-1', prices: { 'athena.tb': { tiers: [{ upTo: null, price: 6.5 }] } } };
    const { region, prices } = parsePriceList(JSON.stringify(own), 'own.json');
    expect(region).toBe('eu-central-1');
    expect(costOf(prices['athena.tb'], 2)).toBe(13);
    expect(prices['s3.puts']).toEqual(DEFAULT_PRICES.prices['s3.puts']);
  });

  test.for<readonly [string, string, string]>([
    ['no JSON', '{', 'no JSON'],
    ['no object', '[]', 'must be an object'],
    ['an unknown price', '{"prices":{"athena.gb":{}}}', '"athena.gb" is no price; there are apiGateway.requests'],
    ['a negative price', '{"prices":{"athena.tb":{"tiers":[{"upTo":null,"price":-1}]}}}', 'at least 0'],
    ['no tier', '{"prices":{"athena.tb":{"tiers":[]}}}', '"tiers" must be a list'],
    ['no last tier', '{"prices":{"athena.tb":{"tiers":[{"upTo":5,"price":1}]}}}', 'null in the last tier'],
    [
      'tiers that fall',
      '{"prices":{"athena.tb":{"tiers":[{"upTo":5,"price":1},{"upTo":4,"price":1},{"upTo":null,"price":1}]}}}',
      'must rise',
    ],
    ['a unit of nothing', '{"prices":{"athena.tb":{"per":0}}}', '"per"'],
  ])('with %s is refused, and the message names it', ([, text, named]) => {
    expect(() => parsePriceList(text, 'own.json')).toThrow(
      expect.objectContaining({ code: 'SLUICE_USAGE', message: expect.stringContaining(named) }),
    );
  });
});
