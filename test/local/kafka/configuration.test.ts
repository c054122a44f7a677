import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serverProperties, serverSettings } from '../../../src/local/kafka/configuration.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

describe('compose.yaml', () => {
  it("runs the broker's own version, with the broker's own settings, where they are no addresses", async () => {
    const compose = await read('compose.yaml');
    const version = /<kafka\.version>(.+)<\/kafka\.version>/.exec(await read('src/local/kafka/pom.xml'))?.[1];
    expect(compose).toContain(`image: apache/kafka:${version}\n`);
    const settings = serverSettings({ client: 1, controller: 2 });
    const environment = new Map(
      [...compose.matchAll(/^ {6}(KAFKA_\w+): "?([^"\n]+)"?$/gm)].map(([, name, value]) => [name, value]),
    );
    const nameOf = (key: string) => `KAFKA_${key.toUpperCase().replaceAll('.', '_')}`;
    expect([...environment.keys()].sort()).toEqual(Object.keys(settings).map(nameOf).sort());
    const ownAddresses = ['listeners', 'advertised.listeners', 'controller.quorum.voters', 'log.dirs'];
    for (const [key, value] of Object.entries(settings)) {
      if (!ownAddresses.includes(key)) expect(environment.get(nameOf(key)), key).toBe(String(value));
    }
    // The listener takes anybody's word, so it is published on the loopback interface only.
    expect([...compose.matchAll(/^ +- "(.+:9092)"$/gm)].map(([, port]) => port)).toEqual(['127.0.0.1:9092:9092']);
  });
});

describe('serverProperties', () => {
  it('has every address on the loopback interface', () => {
    const text = serverProperties(serverSettings({ client: 1234, controller: 2345 }));
    expect([...text.matchAll(/[\w.]*:(?:1234|2345)/g)].map(([address]) => address)).toEqual([
      '127.0.0.1:2345',
      '127.0.0.1:1234',
      '127.0.0.1:2345',
      '127.0.0.1:1234',
    ]);
  });
});
