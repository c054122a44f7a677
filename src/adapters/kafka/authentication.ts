import type { KafkaConfig } from 'kafkajs';

/** How a client proves to brokers who it is. All but `none` speak TLS. */
export type KafkaAuthentication =
  | { readonly mechanism: 'none' }
  /** IAM, as MSK takes it: SASL/OAUTHBEARER with a signed request for a token. */
  | { readonly mechanism: 'iam'; readonly token: () => Promise<string> }
  /** SASL/SCRAM-SHA-512. */
  | { readonly mechanism: 'scram'; readonly username: string; readonly password: string };

/** The part of a client's configuration that says so. */
export function authenticationConfig(authentication: KafkaAuthentication): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  switch (authentication.mechanism) {
    case 'none':
      return {};
    case 'iam': {
      const { token } = authentication;
      return {
        ssl: true,
        sasl: { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await token() }) },
      };
    }
    case 'scram': {
      const { username, password } = authentication;
      return { ssl: true, sasl: { mechanism: 'scram-sha-512', username, password } };
    }
  }
}
