import { expect, test } from 'vitest';
import { keyedHash } from '../../src/codec/pii-hash.ts';

test.for([
  // RFC 4231, test cases 1 and 2.
  [Buffer.alloc(20, 0x0b), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [
    Buffer.from('Jefe'),
    'what do ya want for nothing?',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
] as const)('hashes as RFC 4231 says: %j %s', ([key, text, hash]) => {
  expect(keyedHash(key)(text)).toBe(hash);
});

test('hashes the UTF-8 bytes of a text', () => {
  const hash = keyedHash(Buffer.from('Jefe'));
  expect(hash('é')).not.toBe(hash('e\u0301'));
  // printf 'é😀' | openssl dgst -sha256 -hmac Jefe
  expect(hash('é😀')).toBe('3f7737a4825e0bfb0cc02898a2448017104512803d8c89b4555a59539683bfcb');
});
