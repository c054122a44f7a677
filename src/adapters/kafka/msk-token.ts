/** A token and when it ends, epoch milliseconds. */
export interface MskToken {
  readonly token: string;
  readonly expiryTime: number;
}

/** Milliseconds that a token must still be good for when it is used: a session lasts no longer than its token. */
const LEFT_MS = 5 * 60_000;

/**
 * Tokens for MSK's IAM authentication. One serves all brokers and connections until its time is nearly over; by then the
 * brokers have asked for another, since a session ends with its token.
 *
 * @param sign makes a token; by default with the credentials that the AWS SDK finds. It costs no request.
 */
export function mskTokens(
  region: string,
  sign: (region: string) => Promise<MskToken> = signToken,
  now: () => number = Date.now,
): () => Promise<string> {
  let held: Promise<MskToken> | undefined;
  return async () => {
    const known = await held?.catch(() => undefined);
    if (known === undefined || known.expiryTime - now() < LEFT_MS) held = sign(region);
    return (await held!).token;
  };
}

/** Loaded when it is needed: who uses no IAM does not wait for it. */
async function signToken(region: string): Promise<MskToken> {
  const { generateAuthToken } = await import('aws-msk-iam-sasl-signer-js');
  return generateAuthToken({ region });
}
