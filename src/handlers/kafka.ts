import { bootstrapBrokers } from '../adapters/aws/bootstrap-brokers.ts';
import type { KafkaAuthentication } from '../adapters/kafka/authentication.ts';
import { createKafkaClient, type KafkaClient } from '../adapters/kafka/client.ts';
import { mskTokens } from '../adapters/kafka/msk-token.ts';
import { SluiceError } from '../errors.ts';
import type { KafkaEnvironment } from './environment.ts';
import { log as functionLog, type Log } from './log.ts';

/**
 * A client of the cluster that the environment names.
 *
 * @throws SluiceError SLUICE_LOG_UNAVAILABLE where MSK does not say where its brokers are; SLUICE_CONFIGURATION where it
 *   has none for such access, or the secret cannot be used.
 */
export async function openKafka(environment: KafkaEnvironment, log: Log = functionLog): Promise<KafkaClient> {
  const { cluster, access } = environment;
  const authentication = await authenticationOf(environment);
  const brokers = 'arn' in cluster ? await bootstrapBrokers(cluster.arn, access) : cluster;
  return createKafkaClient({ brokers, authentication, log: (level, line) => log(`kafka ${level}: ${line}`) });
}

async function authenticationOf({ access, secret, region }: KafkaEnvironment): Promise<KafkaAuthentication> {
  if (access === 'iam') return { mechanism: 'iam', token: mskTokens(region!) };
  if (access === 'none') return { mechanism: 'none' };
  // Most clusters do without.
  const { readSecret } = await import('../adapters/secrets/secrets-manager.ts');
  const value = await readSecret(secret!, { code: 'SLUICE_CONFIGURATION' });
  return { mechanism: 'scram', ...credentialsOf(value, secret!) };
}

/** A secret in MSK's form. Source: MSK Developer Guide, "Sign-in credentials authentication with AWS Secrets Manager". */
function credentialsOf(value: string | Uint8Array, secret: string): { username: string; password: string } {
  try {
    const { username, password } = JSON.parse(Buffer.from(value as string).toString()) as Record<string, unknown>;
    if (typeof username === 'string' && typeof password === 'string') return { username, password };
  } catch {
    // Said below, and not with the error's text: it quotes the secret.
  }
  const way = 'store it as {"username": "...", "password": "..."}';
  throw new SluiceError('SLUICE_CONFIGURATION', `the secret "${secret}" has no user name and password: ${way}`);
}
