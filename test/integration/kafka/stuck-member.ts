// A member of a consumer group that says that it was given records, and never takes them. The test kills it.
import { createKafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';

const [brokers = '', group = '', topic = ''] = process.argv.slice(2);
const log = createKafkaEventLog({ cluster: [brokers], sessionTimeoutMs: 2_000 });
await log.subscribe({ group, topics: [topic] }, ({ records }) => {
  console.log(`given ${records.length}`);
  return new Promise(() => {});
});
