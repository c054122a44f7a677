import { afterAll } from 'vitest';
import { createKafkaEventLog, type KafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import { ensureTopics } from '../../../src/adapters/kafka/topics.ts';
import { useBroker } from '../../support/broker.ts';
import { eventLogContract } from '../../support/event-log-contract.ts';

const broker = useBroker();
const logs: KafkaEventLog[] = [];
afterAll(() => Promise.all(logs.map((log) => log.close())));

let topics = 0;

eventLogContract('Kafka', () => ({
  open() {
    const log = createKafkaEventLog({ cluster: [broker.brokers], sessionTimeoutMs: 3_000 });
    logs.push(log);
    return log;
  },
  async createTopic({ partitions, maxMessageBytes }) {
    topics += 1;
    const config = maxMessageBytes === undefined ? {} : { 'max.message.bytes': String(maxMessageBytes) };
    const [topic] = await ensureTopics(broker.kafka, [{ name: `contract-${topics}`, partitions, config }]);
    return topic!.name;
  },
}));
