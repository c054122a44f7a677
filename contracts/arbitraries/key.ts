/**
 * The key that samples hash personal data with. Everybody knows it, so it hides nothing: it is for laws and tests, whose
 * codec must be given the same one.
 */
export const KEY: Uint8Array = Buffer.from('a key of which everybody knows, for contracts alone');
