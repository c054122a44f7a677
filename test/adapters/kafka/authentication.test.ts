import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { authenticationConfig } from '../../../src/adapters/kafka/authentication.ts';
import '../../../src/adapters/kafka/request-queue.ts';

/** API keys of Kafka's protocol. */
const SASL_HANDSHAKE = 17;
const API_VERSIONS = 18;
const SASL_AUTHENTICATE = 36;

interface Presented {
  readonly mechanism: string;
  readonly bytes: string;
}

/**
 * The part of a broker that lets clients in: it takes SASL/OAUTHBEARER, for sessions of `sessionMs`.
 * Source: Kafka protocol guide, "The Messages": ApiVersions v0, SaslHandshake v1, SaslAuthenticate v1.
 */
async function startGate(sessionMs: number) {
  const presented: Presented[] = [];
  const server = createServer((socket) => {
    let pending = Buffer.alloc(0);
    let mechanism = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
        const request = pending.subarray(4, 4 + pending.readInt32BE(0));
        pending = pending.subarray(4 + request.length);
        const [key, version, correlation] = [request.readInt16BE(0), request.readInt16BE(2), request.readInt32BE(4)];
        const body = request.subarray(10 + Math.max(0, request.readInt16BE(8)));
        if (key === API_VERSIONS) answer(socket, correlation, version === 0 ? apiVersions() : unsupported());
        else if (key === SASL_HANDSHAKE) {
          mechanism = body.subarray(2, 2 + body.readInt16BE(0)).toString();
          answer(socket, correlation, Buffer.concat([int16(0), int32(1), text('OAUTHBEARER')]));
        } else if (key === SASL_AUTHENTICATE) {
          presented.push({ mechanism, bytes: body.subarray(4, 4 + body.readInt32BE(0)).toString() });
          const lifetime = version === 0 ? Buffer.alloc(0) : int64(sessionMs);
          answer(socket, correlation, Buffer.concat([int16(0), int16(-1), int32(0), lifetime]));
        } else socket.destroy();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, presented };
}

function answer(socket: Socket, correlation: number, body: Buffer): void {
  socket.write(Buffer.concat([int32(4 + body.length), int32(correlation), body]));
}

function apiVersions(): Buffer {
  const ranges = [
    [SASL_HANDSHAKE, 0, 1],
    [API_VERSIONS, 0, 0],
    [SASL_AUTHENTICATE, 0, 1],
    [3, 0, 5],
  ];
  return Buffer.concat([int16(0), int32(ranges.length), ...ranges.flat().map(int16)]);
}

function unsupported(): Buffer {
  return Buffer.concat([int16(35), int32(0)]);
}

function int16(number: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(number);
  return bytes;
}

function int32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(number);
  return bytes;
}

function int64(number: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(number));
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([int16(value.length), Buffer.from(value)]);
}

describe('how a client proves to brokers who it is', () => {
  it('is by TLS and a mechanism, or not at all', async () => {
    expect(authenticationConfig({ mechanism: 'none' })).toEqual({});
    expect(authenticationConfig({ mechanism: 'scram', username: 'ada', password: 'secret' })).toEqual({
      ssl: true,
      sasl: { mechanism: 'scram-sha-512', username: 'ada', password: 'secret' },
    });
    expect(authenticationConfig({ mechanism: 'iam', token: async () => 'x' })).toMatchObject({
      ssl: true,
      sasl: { mechanism: 'oauthbearer' },
    });
  });

  it('is a token by SASL/OAUTHBEARER for IAM, asked for at every connection', async () => {
    const { address, presented } = await startGate(900_000);
    let tokens = 0;
    const config = authenticationConfig({ mechanism: 'iam', token: async () => `token-${++tokens}` });
    // A certificate is another matter.
    const kafka = new Kafka({
      ...config,
      ssl: false,
      brokers: [address],
      logLevel: logLevel.NOTHING,
      retry: { retries: 0 },
    });
    for (const _ of [1, 2]) {
      const admin = kafka.admin();
      // Let in, it asks for metadata, of which there is none.
      await expect(admin.connect().then(() => admin.listTopics())).rejects.toThrow();
      await admin.disconnect();
    }
    const sent = presented.map(({ mechanism, bytes }) => [mechanism, bytes]);
    expect(sent[0]).toEqual(['OAUTHBEARER', 'n,,\x01auth=Bearer token-1\x01\x01']);
    expect(sent.at(-1)).toEqual(['OAUTHBEARER', `n,,\x01auth=Bearer token-${tokens}\x01\x01`]);
    expect(tokens).toBeGreaterThanOrEqual(2);
    expect(sent).toHaveLength(tokens);
  });
});
