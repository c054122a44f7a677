/** Stands in for the bundles, whose bytes are no part of what is tested here. */
export const handler = async () => undefined;
