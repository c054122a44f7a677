import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mskTokens } from '../../../src/adapters/kafka/msk-token.ts';

describe('tokens for MSK', () => {
  it('serve until their time is nearly over, and are then made anew', async () => {
    let now = 0;
    let signed = 0;
    const token = mskTokens(
      'eu-central-1',
      async (region) => ({ token: `${region}-${++signed}`, expiryTime: now + 900_000 }),
      () => now,
    );
    expect(await token()).toBe('eu-central-1-1');
    now = 600_000;
    expect(await token()).toBe('eu-central-1-1');
    now = 600_001;
    expect(await token()).toBe('eu-central-1-2');
    now = 1_200_000;
    expect(await token()).toBe('eu-central-1-2');
  });

  it('are tried again after they could not be made', async () => {
    let tries = 0;
    const token = mskTokens('eu-central-1', async () => {
      tries += 1;
      if (tries === 1) throw new Error('no credentials');
      return { token: 'second', expiryTime: Number.POSITIVE_INFINITY };
    });
    await expect(token()).rejects.toThrow('no credentials');
    expect(await token()).toBe('second');
  });

  describe('as they are signed', () => {
    const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE'] as const;
    const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));
    beforeEach(() => {
      Object.assign(process.env, {
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'a secret that no token holds',
        AWS_SESSION_TOKEN: 'session',
      });
      delete process.env.AWS_PROFILE;
    });
    afterEach(() => {
      for (const name of names) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    });

    it('are the URL of a request to connect, signed for 15 minutes', async () => {
      const token = await mskTokens('eu-central-1')();
      const url = new URL(Buffer.from(token, 'base64url').toString());
      expect([url.protocol, url.host, url.pathname]).toEqual(['https:', 'kafka.eu-central-1.amazonaws.com', '/']);
      const { searchParams: parameters } = url;
      expect(parameters.get('Action')).toBe('kafka-cluster:Connect');
      expect(parameters.get('X-Amz-Expires')).toBe('900');
      expect(parameters.get('X-Amz-Algorithm')).toBe('AWS4-HMAC-SHA256');
      expect(parameters.get('X-Amz-Credential')).toMatch(
        /^AKIDEXAMPLE\/\d{8}\/eu-central-1\/kafka-cluster\/aws4_request$/,
      );
      expect(parameters.get('X-Amz-Security-Token')).toBe('session');
      expect(parameters.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
      expect(url.href).not.toContain('a%20secret');
    });
  });
});
