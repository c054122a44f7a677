import { type Codec, compileCodec } from '../codec/codec.ts';
import { asSluiceError } from '../errors.ts';
import { schemaHistory, schemaVersion } from '../schema/history.ts';
import { examplesFrom } from './examples.ts';
import { inferSchema } from './infer.ts';
import { recordName } from './names.ts';
import type { ReadSample } from './samples.ts';

/** The first version of an event type, before it is written. */
export interface Draft {
  readonly definition: Readonly<Record<string, unknown>>;
  /** The document of `examples.json`. */
  readonly examples: object;
  readonly unsure: readonly string[];
  /** Why the samples cannot be taken; the draft is of no use then. */
  readonly problems: readonly string[];
}

/** Drafts a schema from samples and has the codec try every one of them. @param samples one at least. */
export function draftFrom(eventType: string, samples: readonly ReadSample[]): Draft {
  const events = samples.flatMap((sample) => ('event' in sample ? [sample.event] : []));
  const unread = samples.flatMap((sample, index) =>
    'problem' in sample ? [`sample ${index + 1}: ${sample.problem}`] : [],
  );
  const { definition, unsure, problems } = inferSchema(eventType, events);
  const found = [...unread, ...problems];
  const refused = found.length > 0 ? [] : refusals(eventType, definition, samples);
  return { definition, examples: examplesFrom(events), unsure, problems: [...found, ...refused] };
}

/** A small schema to start from, where there are no samples. */
export function startingDraft(eventType: string): Draft {
  const { name, namespace } = recordName(eventType);
  const definition = {
    type: 'record',
    name,
    ...(namespace === undefined ? {} : { namespace }),
    doc: 'To be described: what happened, and who says so',
    sluice: { eventId: 'id', eventTime: 'occurred_at' },
    fields: [
      { name: 'id', type: 'string', doc: 'Id of the event; an equal id is the same event' },
      {
        name: 'occurred_at',
        type: { type: 'long', logicalType: 'timestamp-millis' },
        doc: 'When it happened, UTC',
      },
      { name: 'note', type: ['null', 'string'], default: null, doc: 'Free text' },
    ],
  };
  const examples = examplesFrom([{ id: 'e-1', occurred_at: '2026-01-31T12:00:00Z', note: null }]);
  return {
    definition,
    examples,
    unsure: ['$: there were no samples; replace the fields by those of the event'],
    problems: [],
  };
}

function refusals(eventType: string, definition: object, samples: readonly ReadSample[]): string[] {
  let codec: Codec;
  try {
    codec = compileCodec(schemaHistory(eventType, [schemaVersion(eventType, 1, definition)]));
  } catch (error) {
    // Two fields whose columns would have one name, for instance.
    return [`$: ${asSluiceError(error).message}`];
  }
  return samples.flatMap(({ bytes }, index) => {
    const encoded = codec.encode(bytes);
    if (encoded.ok) return [];
    return encoded.faults.map(({ path, rule, advice }) => `sample ${index + 1}: ${path}: ${rule}; ${advice}`);
  });
}
