/** How often an AWS client tries a call, the first time included. */
const TRIES = 3;
/**
 * The ends of one try: until there is a connection, until an answer begins, and between any two parts of it. Without the
 * last one, an answer that stops in its middle would be waited for without an end.
 *
 * @param answerMs milliseconds of each of the last two.
 */
export function oneTry(answerMs: number) {
  return {
    connectionTimeout: 3_000,
    requestTimeout: answerMs,
    socketTimeout: answerMs,
    throwOnRequestTimeout: true,
  } as const;
}

/** Settings of every AWS client here; where it is, and who we are, the SDK finds in its own environment variables. */
export const CLIENT_SETTINGS = { maxAttempts: TRIES, requestHandler: oneTry(10_000) } as const;

/** Why a call failed, without the SDK's own text, which may quote a request with its signature. */
export function reasonOf(cause: unknown): string {
  const { name, message, code } = cause as NodeJS.ErrnoException;
  if (name === 'TimeoutError') return 'it did not answer in time';
  if (message === 'Region is missing') return 'it needs a region; set AWS_REGION';
  const status = statusOf(cause);
  return [code ?? name, status].filter((part) => part !== undefined).join(', ');
}

/** The HTTP status of an answer that was an error; undefined where there was no answer. */
export function statusOf(cause: unknown): number | undefined {
  return (cause as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}
