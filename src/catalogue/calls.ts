import { deriveLayout } from '../derive/layout.ts';
import { viewName } from '../derive/names.ts';
import type { SchemaHistory } from '../schema/history.ts';
import type { Examples } from './examples.ts';
import { sampleBody } from './sample-body.ts';

/** Where `sluice up` answers when it is not told otherwise. */
const URL = 'http://127.0.0.1:8080';

/** Columns that a sample query shows of the event itself. */
const SHOWN = 4;

/** The shell command that sends one event; undefined where no body of the event type can be written. */
export function curlCall(history: SchemaHistory, examples: Examples | undefined): string | undefined {
  const body = exampleBody(history, examples);
  if (body === undefined) return undefined;
  // In JSON an apostrophe is always part of a string, where this escape is the same; in the shell it would end one.
  const quoted = `'${body.replaceAll("'", '\\u0027')}'`;
  return [
    `curl -i ${URL}/events/${history.eventType} \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d ${quoted}`,
  ].join('\n');
}

/** The example that says most, or else the least that the schema asks for. */
function exampleBody({ newest }: SchemaHistory, examples: Examples | undefined): string | undefined {
  const [fullest] = [...(examples?.valid ?? [])].sort((a, b) => b.since - a.since || b.body.length - a.body.length);
  if (fullest !== undefined) return fullest.body;
  const sample = sampleBody(newest.root);
  return sample === undefined ? undefined : JSON.stringify(sample, null, 2);
}

/** A query for the events that came last. */
export function sampleQuery(history: SchemaHistory): string {
  const scalars = deriveLayout(history).columns.filter(({ source, form }) => source !== null && form !== 'json');
  const names = ['_event_id', '_ingested_at', ...scalars.slice(0, SHOWN).map(({ name }) => name)];
  return [
    `SELECT ${names.map(identifier).join(', ')}`,
    `FROM ${identifier(viewName(history.eventType))}`,
    `ORDER BY ${identifier('_ingested_at')} DESC`,
    'LIMIT 10',
  ].join('\n');
}

/** Quoted, since fields may be called `order` or `select`; no name holds a quote. */
function identifier(name: string): string {
  return `"${name}"`;
}
