/** What the edge takes beside a body, as API Gateway's templates judge it: each is a whole text, to Java and to others. */

/** An event's id. */
export const EVENT_ID_PATTERN = '[A-Za-z0-9._:~-]{1,128}';

/** A stated version. */
export const VERSION_PATTERN = '[1-9][0-9]{0,8}';

/** A trace context that is carried: printable, and not longer than any that makes sense. Another one is left out. */
export const TRACEPARENT_PATTERN = '[!-~]{1,512}';
