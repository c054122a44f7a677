import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CliResult, eventually, newFolder, sluice, startSluice } from '../support/cli.ts';
import { SCHEMAS } from '../support/schemas.ts';

describe.concurrent('what "up" needs', () => {
  test('is missing where there is no Java: one message with the ways out, and nothing is started', async () => {
    const folder = newFolder();
    const { exitCode, stdout, stderr } = await up(folder, { PATH: folder, JAVA_HOME: undefined });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^sluice: SLUICE_JAVA_MISSING: .*\n$/);
    for (const wayOut of ['Install Java 17', 'SLUICE_KAFKA_BROKERS', 'docker compose'])
      expect(stderr).toContain(wayOut);
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  test('is missing where there is an old Java', async () => {
    const folder = newFolder();
    executable(join(folder, 'java'), 'echo \'java version "1.8.0_392"\' >&2');
    const { exitCode, stderr } = await up(folder, { PATH: folder, JAVA_HOME: undefined });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^sluice: SLUICE_JAVA_MISSING: .*Java 8 was found.*\n$/);
  });

  test('is missing where Kafka is still to be fetched and there is no Maven', async () => {
    const folder = newFolder();
    executable(join(folder, 'java'), 'echo \'openjdk version "17.0.15"\' >&2');
    const result = await up(
      folder,
      { PATH: folder, JAVA_HOME: undefined, XDG_CACHE_HOME: join(folder, 'cache') },
      '--json',
    );
    expect(result.exitCode).toBe(2);
    const { error } = result.json<{ error: { code: string; message: string } }>();
    expect(error.code).toBe('SLUICE_MAVEN_MISSING');
    for (const wayOut of ['Install Maven', 'SLUICE_KAFKA_BROKERS', 'docker compose'])
      expect(error.message).toContain(wayOut);
    expect(existsSync(join(folder, 'data'))).toBe(false);
    expect(existsSync(join(folder, 'cache'))).toBe(false);
  });

  test('is a port that is free: a taken one is named before Kafka is started', async () => {
    const folder = newFolder();
    const occupant = createServer().listen(0, '127.0.0.1');
    await once(occupant, 'listening');
    const { port } = occupant.address() as AddressInfo;
    const { exitCode, stdout, stderr } = await up(folder, {}, '--port', String(port));
    occupant.close();
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toBe(`sluice: SLUICE_PORT_IN_USE: port ${port} is taken; choose another with --port, 0 for any\n`);
    expect(readdirSync(join(folder, 'data'))).not.toContain('kafka');
  });

  test('is a Kafka cluster that answers, where one is named', async () => {
    const folder = newFolder();
    const result = await up(folder, { SLUICE_KAFKA_BROKERS: '127.0.0.1:1' }, '--json');
    expect(result.exitCode).toBe(2);
    expect(result.json()).toMatchObject({ error: { code: 'SLUICE_LOG_UNAVAILABLE' } });
    expect(readdirSync(join(folder, 'data'))).not.toContain('kafka');
  });
});

test('an "up" that is interrupted before it is up says so in one document, and exits 130', {
  timeout: 60_000,
}, async () => {
  const data = join(newFolder(), 'data');
  const env = { SLUICE_KAFKA_BROKERS: '127.0.0.1:1' };
  const starting = startSluice(['up', '--json', '--port', '0', '--schemas', SCHEMAS, '--data', data], { env });
  await eventually(() => existsSync(join(data, 'lock.db')) || undefined);
  starting.interrupt();
  const result = await starting.ended;
  expect(result.exitCode).toBe(130);
  expect(result.json()).toEqual({ error: { code: 'SLUICE_STOPPING', message: 'interrupted by SIGINT', faults: [] } });
});

test('an event type that cannot lie by event time is refused, with the way out', async () => {
  const schemas = newFolder();
  const fields = [{ name: 'id', type: 'string' }];
  mkdirSync(join(schemas, 'shop.visit'));
  writeFileSync(join(schemas, 'shop.visit', 'v1.avsc'), JSON.stringify({ type: 'record', name: 'Visit', fields }));
  const env = { SLUICE_KAFKA_BROKERS: '127.0.0.1:1' };
  for (const [type, named] of [
    ['shop.visit', 'shop.visit: v1 names no field for partitions by event time'],
    ['shop.order', 'there is no event type "shop.order" to partition; there are shop.visit'],
  ] as const) {
    const { exitCode, stderr } = await up(newFolder(), env, '--schemas', schemas, '--by-event-time', type);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`SLUICE_USAGE: ${named}`);
  }
});

/** Tries to bring everything up on a data folder of the test. */
function up(folder: string, env: Record<string, string | undefined>, ...flags: string[]): Promise<CliResult> {
  return sluice(['up', '--schemas', SCHEMAS, '--data', join(folder, 'data'), '--port', '0', ...flags], { env });
}

/** Puts a script where a program is looked for. */
function executable(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}
