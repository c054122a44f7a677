import { createHmac, createSecretKey } from 'node:crypto';

/** The hash that takes the place of a text. */
export type HashText = (text: string) => string;

/**
 * Hashes texts with one key: HMAC-SHA-256 of the UTF-8 bytes, 64 hexadecimal digits in lower case. The same text gives
 * the same hash wherever it stands, so that events can be joined by it; without the key nobody can try texts out.
 * Source: RFC 2104, with SHA-256 of FIPS 180-4.
 */
export function keyedHash(key: Uint8Array): HashText {
  // Given as bytes, the key would be prepared anew for each text, which takes six times as long as the hash.
  const prepared = createSecretKey(key);
  return (text) => createHmac('sha256', prepared).update(text, 'utf8').digest('hex');
}
