import { GetBootstrapBrokersCommand, KafkaClient } from '@aws-sdk/client-kafka';
import { SluiceError } from '../../errors.ts';
import { CLIENT_SETTINGS, reasonOf } from './client-settings.ts';

/** How a client proves who it is, and so which of a cluster's ports it speaks to. */
export type BrokerAccess = 'iam' | 'scram' | 'none';

const MEMBER = {
  iam: 'BootstrapBrokerStringSaslIam',
  scram: 'BootstrapBrokerStringSaslScram',
  none: 'BootstrapBrokerString',
} as const satisfies Record<BrokerAccess, string>;

/**
 * The bootstrap addresses of an MSK cluster: CloudFormation knows none of a serverless one.
 *
 * @throws SluiceError SLUICE_LOG_UNAVAILABLE where MSK does not answer; SLUICE_CONFIGURATION where the cluster does not
 *   offer such access.
 */
export async function bootstrapBrokers(
  clusterArn: string,
  access: BrokerAccess,
  client: KafkaClient = new KafkaClient(CLIENT_SETTINGS),
): Promise<string[]> {
  const ask = new GetBootstrapBrokersCommand({ ClusterArn: clusterArn });
  const answer = await client.send(ask).catch((cause) => {
    const message = `the bootstrap brokers of ${clusterArn} cannot be asked for: ${reasonOf(cause)}`;
    throw new SluiceError('SLUICE_LOG_UNAVAILABLE', message, { cause });
  });
  const addresses = (answer[MEMBER[access]] ?? '').split(',').filter((address) => address !== '');
  if (addresses.length > 0) return addresses;
  const way = 'enable it for the cluster, or set SLUICE_KAFKA_AUTH to what the cluster offers';
  throw new SluiceError('SLUICE_CONFIGURATION', `${clusterArn} has no brokers for the access "${access}": ${way}`);
}
