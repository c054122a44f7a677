import { KafkaClient } from '@aws-sdk/client-kafka';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bootstrapBrokers } from '../../../src/adapters/aws/bootstrap-brokers.ts';
import { type Answer, startService } from './service.ts';

const ARN = 'arn:aws:kafka:eu-central-1:123456789012:cluster/sluice/0d3c-1';

async function open(answer: Answer) {
  const { calls, settings } = await startService(() => answer);
  const client = new KafkaClient(settings);
  onTestFinished(() => client.destroy());
  return { calls, client };
}

describe('bootstrap brokers', () => {
  const body = {
    bootstrapBrokerString: 'b-1:9092',
    bootstrapBrokerStringSaslScram: 'b-1:9096',
    bootstrapBrokerStringSaslIam: 'b-1:9098,b-2:9098',
  };

  it('are those of the port that takes this access', async () => {
    const { calls, client } = await open({ body });
    expect(await bootstrapBrokers(ARN, 'iam', client)).toEqual(['b-1:9098', 'b-2:9098']);
    expect(await bootstrapBrokers(ARN, 'scram', client)).toEqual(['b-1:9096']);
    expect(await bootstrapBrokers(ARN, 'none', client)).toEqual(['b-1:9092']);
    expect(calls[0]).toMatchObject({
      method: 'GET',
      path: `/v1/clusters/${encodeURIComponent(ARN)}/bootstrap-brokers`,
    });
  });

  it('that there are none of is a matter of configuration', async () => {
    const { client } = await open({ body: { bootstrapBrokerStringSaslIam: 'b-1:9098' } });
    await expect(bootstrapBrokers(ARN, 'scram', client)).rejects.toMatchObject({
      code: 'SLUICE_CONFIGURATION',
      message: expect.stringMatching(/no brokers for the access "scram".*SLUICE_KAFKA_AUTH/),
    });
  });

  it('that MSK does not tell may be told later', async () => {
    const { client } = await open({ status: 503, body: { message: 'x' } });
    await expect(bootstrapBrokers(ARN, 'iam', client)).rejects.toMatchObject({ code: 'SLUICE_LOG_UNAVAILABLE' });
  });
});
