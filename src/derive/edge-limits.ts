/** Largest body of one event, in bytes: what a queue message may hold (SQS: 1 MiB with its attributes). */
export const MAX_EVENT_BYTES = 1024 * 1024 - 4 * 1024;
