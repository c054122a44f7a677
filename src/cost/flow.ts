import { MAX_DELIVERY_RECORD_BYTES } from '../ports/delivery-stream.ts';
import { type Assumed, KB, MB } from './assumptions.ts';

/** Which way events come in: each in a request of its own, or many in one. */
export type Route = 'single' | 'batch';

/** What one event type has to carry. */
export interface TypeLoad {
  readonly eventType: string;
  /** Events a second, on average. */
  readonly rate: number;
  /** Bytes of one event's JSON. */
  readonly eventBytes: number;
  readonly partitions: number;
}

/** One function's work. */
export interface FunctionLoad {
  /** Invocations a second. */
  readonly invocations: number;
  /** Events of one invocation. */
  readonly batch: number;
  /** Seconds of one invocation. */
  readonly seconds: number;
  /** How many of them run at a time, on average. */
  readonly concurrency: number;
  /** GB-seconds a second. */
  readonly gbSeconds: number;
}

/** What flows through every stage because of one event type; all of it a second. */
export interface Flow {
  readonly load: TypeLoad;
  /** HTTP requests. */
  readonly requests: number;
  readonly responseBytes: number;
  /** Requests to SQS as they are billed, 64 KB each. */
  readonly sqsSends: number;
  readonly sqsReceives: number;
  readonly sqsDeletes: number;
  readonly accept: FunctionLoad;
  readonly produce: FunctionLoad;
  readonly consume: FunctionLoad;
  readonly transform: FunctionLoad;
  /** Produce requests to Kafka: one for each broker that a batch has records for. */
  readonly kafkaRequests: number;
  readonly kafkaBytesIn: number;
  readonly kafkaBytesOut: number;
  /** What Lambda's pollers hand over: records as JSON. They are in the VPC, and reach Lambda by its endpoint. */
  readonly polledBytes: number;
  /** Rows of one Firehose record. */
  readonly rowsPerRecord: number;
  readonly firehoseRecords: number;
  readonly firehosePuts: number;
  readonly firehoseBytes: number;
  /** With every record rounded up to 5 KB. */
  readonly firehoseBilledBytes: number;
  /** The same if every event were a record of its own. */
  readonly firehoseUnpackedBytes: number;
  readonly csvBytes: number;
  /** Objects, and their bytes after compression. */
  readonly objects: number;
  readonly objectBytes: number;
}

/** What SQS and Firehose round up to, in bytes. */
const SQS_CHUNK = 64 * KB;
const FIREHOSE_CHUNK = 5 * KB;
/** Messages that one SQS request carries at most, and its bytes. */
const SQS_BATCH = 10;
const SQS_BATCH_BYTES = MB;
/** Bytes of a function's event at most, with some room: Lambda's limit is 6 MB. */
const INVOCATION_BYTES = 5.5 * MB;
/** What Lambda's JSON puts around a message of SQS, and around a record of Kafka, whose headers are lists of numbers. */
const MESSAGE_ENVELOPE = 1_200;
const RECORD_ENVELOPE = 950;
/** base64 */
const ENCODED = 4 / 3;
/** Brokers that lead a topic's partitions; MSK Serverless does not say how many it has. */
export const BROKERS = 3;

/**
 * How one event type's load looks at every stage.
 *
 * Batches grow with the rate: what comes while a window is open goes together, and no batch is larger than its limits.
 */
export function flowOf(load: TypeLoad, route: Route, assumed: Assumed): Flow {
  const { rate, eventBytes, partitions } = load;
  const messageBytes = eventBytes + assumed.messageFixedBytes;
  const recordBytes = eventBytes * assumed.avroShare + assumed.recordFixedBytes;
  const rowBytes = eventBytes * assumed.rowShare + assumed.rowFixedBytes;
  const csvBytes = eventBytes * assumed.csvShare + assumed.csvFixedBytes;

  const requests = route === 'single' ? rate : rate / assumed.eventsPerRequest;
  const received = Math.max(1, Math.min(SQS_BATCH, Math.floor(SQS_BATCH_BYTES / messageBytes)));
  const chunks = (messages: number): number => Math.ceil((messages * messageBytes) / SQS_CHUNK) / messages;
  const sent = route === 'single' ? 1 : Math.max(1, Math.min(received, assumed.eventsPerRequest));

  const produceBatch = grown(
    (rate * assumed.produceWindow) / assumed.sqsPollers,
    Math.min(assumed.produceBatch, INVOCATION_BYTES / (messageBytes + MESSAGE_ENVELOPE)),
  );
  const consumeBatch = grown(
    rate * assumed.consumeWindow,
    Math.min(assumed.consumeBatch, INVOCATION_BYTES / (recordBytes * ENCODED + RECORD_ENVELOPE)),
  );
  // A batch holds records of several partitions where the rate is low; each partition's rows are packed by themselves.
  const partitionsPerBatch = Math.min(partitions, consumeBatch);
  const rowsPerRecord = grown(consumeBatch / partitionsPerBatch, MAX_DELIVERY_RECORD_BYTES / rowBytes);
  const firehoseRecords = rate / rowsPerRecord;

  const transformBatch = grown(
    rate * assumed.objectWindow,
    Math.min((assumed.transformBuffer * MB) / rowBytes, INVOCATION_BYTES / (rowBytes * ENCODED)),
  );
  const objects = Math.min(rate, Math.max(1 / assumed.objectWindow, (rate * csvBytes) / (assumed.objectBuffer * MB)));

  const run = (batch: number, invocations: number, callMs: number, memoryMb: number): FunctionLoad => {
    const seconds = (callMs + batch * assumed.eventWork) / 1000;
    const concurrency = invocations * seconds;
    return { invocations, batch, seconds, concurrency, gbSeconds: (concurrency * memoryMb) / 1024 };
  };
  return {
    load,
    requests,
    responseBytes: requests * assumed.responseBytes + (route === 'batch' ? rate * assumed.batchAnswerBytes : 0),
    sqsSends: rate * chunks(sent),
    sqsReceives: rate * chunks(received),
    // A deletion carries no body.
    sqsDeletes: rate / SQS_BATCH,
    accept: run(assumed.eventsPerRequest, route === 'batch' ? requests : 0, assumed.acceptCall, assumed.acceptMemory),
    produce: run(produceBatch, rate / produceBatch, assumed.produceCall, assumed.produceMemory),
    consume: run(consumeBatch, rate / consumeBatch, assumed.consumeCall, assumed.consumeMemory),
    transform: run(transformBatch, rate / transformBatch, assumed.transformCall, assumed.transformMemory),
    kafkaRequests: (rate / produceBatch) * Math.min(BROKERS, partitions, produceBatch),
    kafkaBytesIn: rate * recordBytes,
    kafkaBytesOut: rate * recordBytes * assumed.consumerGroups,
    polledBytes: rate * (recordBytes * ENCODED + RECORD_ENVELOPE),
    rowsPerRecord,
    firehoseRecords,
    firehosePuts: (rate / consumeBatch) * partitionsPerBatch,
    firehoseBytes: rate * rowBytes,
    // A record's mean need not be a whole number of rows; packing never costs more than no packing.
    firehoseBilledBytes: Math.min(firehoseRecords * roundedUp(rowsPerRecord * rowBytes), rate * roundedUp(rowBytes)),
    firehoseUnpackedBytes: rate * roundedUp(rowBytes),
    csvBytes: rate * csvBytes,
    objects,
    objectBytes: rate * csvBytes * assumed.gzipShare,
  };
}

/** A batch of what came, at least one event and no more than the limit. */
function grown(came: number, limit: number): number {
  return Math.max(1, Math.min(came, limit));
}

function roundedUp(bytes: number): number {
  return Math.ceil(bytes / FIREHOSE_CHUNK) * FIREHOSE_CHUNK;
}
