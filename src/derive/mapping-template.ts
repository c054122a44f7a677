import type { SchemaHistory } from '../schema/history.ts';
import { MAX_EVENT_BYTES } from './edge-limits.ts';
import { type Problem, problemOfFault, problemOfOurs } from './problem.ts';
import { EVENT_ID_PATTERN, TRACEPARENT_PATTERN, VERSION_PATTERN } from './request-form.ts';
import { problemText } from './template-text.ts';

/**
 * The templates by which API Gateway sends an event to SQS without a function between them, in Velocity's language. AWS
 * does not say which Velocity it runs; these read alike in 1.7 and in 2: no line breaks, which one of them would keep, no
 * dash in a name, nothing that leans on null.
 *
 * Sources: API Gateway Developer Guide, "mapping template reference"; SQS API Reference, SendMessage.
 */
export interface MappingTemplates {
  /** What SQS is sent: a form, as its query protocol asks. */
  readonly request: string;
  /** Body of the 202. */
  readonly accepted: string;
  /** Body where SQS answered 4xx, and so took nothing. It sets the status, too. */
  readonly refused: string;
  /** Body of the 503 where SQS answered 5xx: nobody knows whether it took the message. It sets the status, too. */
  readonly unsure: string;
  /** Body of the 500 where SQS answered as it never should. It sets the status. */
  readonly unexpected: string;
}

/** Content type of what SQS is sent. */
export const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Derives the templates of an event type's route for single events. */
export function deriveMappingTemplates(history: SchemaHistory): MappingTemplates {
  return {
    request: requestTemplate(history),
    accepted: acceptedTemplate(history),
    refused: refusedTemplate(SAID, problemOfOurs('SLUICE_INTERNAL')),
    unsure: refusedTemplate([], problemOfOurs('SLUICE_TAKEN_IN_PART')),
    unexpected: answered(problemOfOurs('SLUICE_INTERNAL')),
  };
}

/**
 * A template can neither answer by itself nor stop. So a request that it must refuse is sent to SQS as a message without
 * a body, which SQS refuses; the answer's template sees the same headers, and says why.
 */
function requestTemplate(history: SchemaHistory): string {
  const own = ownIdField(history);
  return [
    READ_STATED,
    SET_REFUSAL,
    // Characters, and so bytes at least. What is over the limit in bytes alone, SQS refuses itself.
    `#if($input.body.length() > ${MAX_EVENT_BYTES})#set($refusal = "size")#end`,
    // SQS refuses U+FFFE and U+FFFF. In JSON they can only be in texts, where an escape is the same character. A
    // backslash written as itself is read by each Velocity in its own way.
    `#set($backslash = $util.escapeJavaScript('"').substring(0, 1))`,
    `#set($escape = "$backslash\${backslash}u")`,
    `#set($body = $input.body.replaceAll('[\\uFFFE]', "\${escape}fffe").replaceAll('[\\uFFFF]', "\${escape}ffff"))`,
    own === undefined ? '' : `#set($context.requestOverride.path.eventId = "$!input.path('$.${own}')")`,
    'Action=SendMessage&Version=2012-11-05',
    '#if($refusal == "")',
    '&MessageBody=$util.urlEncode($body)',
    attribute('1', 'event-type', history.eventType),
    attribute('2', 'request-id', '$util.urlEncode($context.requestId)'),
    '#set($number = 2)',
    optional('$eventId != ""', 'event-id', '$eventId.substring(1)'),
    optional('$version != ""', 'schema-version', '$version.substring(1)'),
    optional(`$trace.matches('=${TRACEPARENT_PATTERN}')`, 'traceparent', '$trace.substring(1)'),
    '#end',
  ].join('');
}

/**
 * What the request says beside its body, each after an equals sign, so that nothing and an empty text differ. Names of
 * headers come as their sender spells them.
 */
const READ_STATED = [
  '#set($eventId = "")#set($version = "")#set($parameter = "")#set($trace = "")',
  '#foreach($name in $input.params().header.keySet())',
  '#set($value = "=$!input.params().header.get($name)")',
  '#set($lower = $name.toLowerCase())',
  '#if($lower == "event-id")#set($eventId = $value)#end',
  '#if($lower == "schema-version")#set($version = $value)#end',
  '#if($lower == "traceparent")#set($trace = $value)#end',
  '#end',
  '#foreach($name in $input.params().querystring.keySet())',
  '#if($name == "schema-version")#set($parameter = "=$!input.params().querystring.get($name)")#end',
  '#end',
].join('');

/** Every host of the edge looks at the version first, then at the id: here, what is found last counts. */
const SET_REFUSAL = [
  '#set($refusal = "")',
  `#if($eventId != "" && !$eventId.matches('=${EVENT_ID_PATTERN}'))#set($refusal = "event-id")#end`,
  '#if($version != "" && $parameter != "" && $version != $parameter)#set($refusal = "version")#end',
  '#if($version == "")#set($version = $parameter)#end',
  `#if($version != "" && !$version.matches('=${VERSION_PATTERN}'))#set($refusal = "version")#end`,
].join('');

function optional(condition: string, name: string, value: string): string {
  return `#if(${condition})#set($number = $number + 1)${attribute(`\${number}`, name, `$util.urlEncode(${value})`)}#end`;
}

function attribute(number: string, name: string, value: string): string {
  const member = `&MessageAttribute.${number}`;
  return `${member}.Name=${name}${member}.Value.DataType=String${member}.Value.StringValue=${value}`;
}

/**
 * The id as whoever takes the event from the queue will find it: the header's, else the body's own, else the request's.
 * The body's own travels to the answer's template as a parameter of a path that has none. Where it does not arrive, or
 * versions disagree on where it is, the answer leaves it out: its sender knows it.
 */
function acceptedTemplate(history: SchemaHistory): string {
  const isInBody = history.versions.some(({ settings }) => settings.eventId !== undefined);
  return [
    READ_STATED,
    '#set($id = "")',
    isInBody ? '' : '#set($id = "=$context.requestId")',
    ownIdField(history) === undefined ? '' : '#set($id = "=$!context.requestOverride.path.eventId")',
    '#if($eventId != "")#set($id = $eventId)#end',
    `#if($id.matches('=${EVENT_ID_PATTERN}')){"event_id":"$id.substring(1)"}#{else}{}#end`,
  ].join('');
}

/** The field that names the event in every version; undefined where there is none, or another one in each. */
function ownIdField({ versions }: SchemaHistory): string | undefined {
  const [first, ...others] = new Set(versions.map(({ settings }) => settings.eventId));
  return others.length === 0 ? first : undefined;
}

const TOO_LARGE = problemOfFault('SLUICE_BODY_TOO_LARGE', `send at most ${MAX_EVENT_BYTES} bytes for an event`);

/** What SQS's answer has in it, by which it is told apart. Source: SQS API Reference, SendMessage and common errors. */
const SAID: readonly (readonly [string, Problem])[] = [
  // What the template left out, since the body was too long for any message.
  ['MissingParameter', TOO_LARGE],
  // Of all that the template sends, only the body can be of a wrong length.
  ['InvalidParameterValue', TOO_LARGE],
  ['InvalidMessageContents', problemOfFault('SLUICE_TEXT', 'write control characters as JSON escapes')],
  ['hrottl', problemOfOurs('SLUICE_STORAGE')],
  ['OverLimit', problemOfOurs('SLUICE_STORAGE')],
];

/** @param said what is looked for in SQS's answer, after what the template itself has refused. */
function refusedTemplate(said: typeof SAID, otherwise: Problem): string {
  const answers: readonly (readonly [string, Problem])[] = [
    [
      '$refusal == "version"',
      problemOfFault('SLUICE_VERSION_UNKNOWN', 'state one version, such as "Schema-Version: 2", or none'),
    ],
    ['$refusal == "event-id"', problemOfFault('SLUICE_EVENT_ID', 'send such an Event-Id header, or none')],
    ...said.map(([words, problem]) => [`$input.body.contains("${words}")`, problem] as const),
  ];
  const written = answers.map(
    ([condition, problem], index) => `#${index === 0 ? '' : 'else'}if(${condition})${answered(problem)}`,
  );
  return `${READ_STATED}${SET_REFUSAL}${written.join('')}#{else}${answered(otherwise)}#end`;
}

function answered(problem: Problem): string {
  return `#set($context.responseOverride.status = ${problem.status})${problemText(problem)}`;
}
