import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAILED_EVENT_COLUMNS } from '../../src/derive/failed-events-table.ts';
import type { FailedEvent } from '../../src/ports/failed-events.ts';
import { failedRows } from '../../src/stages/failed-rows.ts';

/** Reads a row the way the table and its view do, one character at a time. */
function readRow(line: string): Record<string, string | null> {
  const cells: (string | null)[] = [];
  let raw = '';
  let cell = '';
  const end = () => {
    const inner = cell.replace(/\x1b(.)/g, (_, letter: string) => ({ n: '\n', r: '\r', e: '\x1b' })[letter]!);
    cells.push(raw === '\\N' ? null : inner);
    raw = '';
    cell = '';
  };
  for (let at = 0; at < line.length; at += 1) {
    if (line[at] === ',') {
      end();
      continue;
    }
    raw += line[at];
    if (line[at] === '\\') raw += line[++at];
    cell += line[at];
  }
  end();
  return Object.fromEntries(cells.map((value, index) => [FAILED_EVENT_COLUMNS[index]!.name, value]));
}

const rowsOf = (events: readonly FailedEvent[]) =>
  failedRows(events).toString('utf8').split('\n').slice(0, -1).map(readRow);

function failure(more: Partial<FailedEvent> = {}): FailedEvent {
  return {
    id: 'a.b/0/1',
    stage: 'consume',
    code: 'SLUICE_AVRO_DATA',
    path: '$',
    reason: 'it is not Avro',
    eventType: 'a.b',
    version: 3,
    payload: Buffer.from('payload'),
    failedAt: Date.UTC(2026, 10, 24, 12, 30, 0, 7),
    ...more,
  };
}

const payloadOf = ({ payload, payload_encoding }: Record<string, string | null>) =>
  Buffer.from(payload!, payload_encoding as 'utf8' | 'base64');

describe('rows of failed events', () => {
  it('hold all that is known of each', () => {
    expect(rowsOf([failure({ eventId: 'e-1', messageId: 'm-1' }), failure({ id: 'x', version: null })])).toEqual([
      {
        id: 'a.b/0/1',
        failed_at: '2026-11-24 12:30:00.007',
        stage: 'consume',
        code: 'SLUICE_AVRO_DATA',
        path: '$',
        reason: 'it is not Avro',
        event_type: 'a.b',
        version: '3',
        event_id: 'e-1',
        payload: 'payload',
        payload_encoding: 'utf8',
        recovered_at: null,
      },
      expect.objectContaining({ id: 'x', version: null, event_id: null }),
    ]);
  });

  it('say when it was sent again', () => {
    const [row] = rowsOf([failure({ recoveredAt: Date.UTC(2026, 10, 25, 1, 2, 3, 4) })]);
    expect(row).toMatchObject({ recovered_at: '2026-11-25 01:02:03.004' });
  });

  it('give any payload and any text back, whatever is in them', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom(',', '\\', '\n', '\r', '\x1b', '\\N', '"', '\0', 'é', '\x1bn', '\ufeff'))
        .map((parts) => parts.join('')),
    );
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      text.map((value) => Buffer.from(value)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(payload, text, text)), (given) => {
        const rows = rowsOf(given.map(([bytes, reason, path]) => failure({ payload: bytes, reason, path })));
        expect(rows).toHaveLength(given.length);
        rows.forEach((row, index) => {
          const [bytes, reason, path] = given[index]!;
          expect([...payloadOf(row)]).toEqual([...bytes]);
          expect([row.reason, row.path]).toEqual([reason, path]);
        });
      }),
    );
  });

  it('show a payload that is text as it is, and any other as base64', () => {
    const [text, binary] = rowsOf([
      failure({ payload: Buffer.from('{"a":"é"}') }),
      failure({ payload: Buffer.from([0x7b, 0xff]) }),
    ]);
    expect(text).toMatchObject({ payload: '{"a":"é"}', payload_encoding: 'utf8' });
    expect(binary).toMatchObject({ payload: 'e/8=', payload_encoding: 'base64' });
  });

  it('stay short enough to be read, however large a payload of commas is', () => {
    // The largest record that a topic takes, and the longest row that the table's reader takes.
    const [largest, longestRow] = [8 * 1024 * 1024, 16_000_000];
    const payload = Buffer.alloc(largest, ',');
    const rows = failedRows([failure({ payload })]);
    expect(rows.length).toBeLessThan(longestRow);
    const [written, encoding] = rows.toString('utf8').trimEnd().split(',').slice(-3);
    expect(encoding).toBe('base64');
    expect(Buffer.from(written!, 'base64').equals(payload)).toBe(true);
  });

  it('read a payload through its view of a larger buffer', () => {
    const buffer = new Uint8Array(Buffer.from('before|payload|after')).buffer;
    expect(rowsOf([failure({ payload: new Uint8Array(buffer, 7, 7) })])).toMatchObject([{ payload: 'payload' }]);
  });
});
