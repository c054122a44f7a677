// Starts a broker and says where; it lives until its parent dies. The test kills this process.
import { startBroker } from '../../../src/local/kafka/broker.ts';
import { installKafka } from '../../../src/local/kafka/install.ts';

const [dataDir = ''] = process.argv.slice(2);
const { brokers, pid } = await startBroker({ dataDir, libs: await installKafka() });
console.log(JSON.stringify({ brokers, pid }));
