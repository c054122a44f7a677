import {
  allRowsViewName,
  FAILED_EVENTS,
  objectPrefix,
  rawTableName,
  subjectName,
  topicName,
  viewName,
} from '../derive/names.ts';
import type { SchemaHistory } from '../schema/history.ts';
import { PARTITION_KEYS } from '../schema/system-columns.ts';
import { type Html, html } from './html.ts';

/** What an event is called and where it is, from the HTTP body to the SQL row. */
export function flow({ eventType, newest }: SchemaHistory): Html {
  const { key, partitions } = newest.settings;
  const folders = PARTITION_KEYS.map(({ name }) => `${name}=.../`).join('');
  const stations: readonly (readonly [string, Html])[] = [
    [
      'HTTP',
      html`<code>POST /events/${eventType}</code>, or <code>POST /events/${eventType}/batch</code> for many in one request`,
    ],
    ['Queue', html`a message of the event type <code>${eventType}</code>, until it is in Kafka`],
    [
      'Kafka',
      html`topic <code>${topicName(eventType)}</code> of ${partitions} ${partitions === 1 ? 'partition' : 'partitions'}, ${
        key === undefined ? 'without a key' : html`key <code>${key}</code>`
      }; subject <code>${subjectName(eventType)}</code> in the registry`,
    ],
    ['Objects', html`<code>s3://BUCKET/${objectPrefix(eventType)}${folders}*.csv.gz</code>`],
    ['Table', html`<code>${rawTableName(eventType)}</code>, text as it was delivered`],
    [
      'Views',
      html`<code>${allRowsViewName(eventType)}</code> with every row, and <code>${viewName(eventType)}</code> with each event once`,
    ],
  ];
  return html`<ol class="flow">
${stations.map(
  ([name, what]) => html`<li><strong>${name}</strong> <span>${what}</span></li>
`,
)}</ol>
<p>What no retry can help is in <code>${viewName(FAILED_EVENTS)}</code>, with its reason.</p>`;
}
