const EVENT_ID = /^[A-Za-z0-9._:~-]{1,128}$/;

/** True for a text that may name an event: it must survive headers, URLs and file names unescaped. */
export function isEventId(text: string): boolean {
  return EVENT_ID.test(text);
}
