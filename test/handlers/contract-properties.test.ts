import { describe, expect, it, test } from 'vitest';
import type { CustomResourceEvent } from '../../src/adapters/aws/lambda-events.ts';
import { contractProperties } from '../../src/handlers/contract-properties.ts';
import { fixture, ORDER, ORDERS } from './fixtures/fixture.ts';

const { ResourceProperties: properties } = fixture<CustomResourceEvent>('custom-resource-update');

test('the properties of a contract are read as CloudFormation hands them over', () => {
  expect(contractProperties(properties)).toEqual({
    eventType: ORDER,
    topic: {
      name: ORDER,
      partitions: 3,
      config: { 'max.message.bytes': '8388608', 'compression.type': 'uncompressed' },
    },
    registryName: 'sluice-prod',
    definitions: ORDERS.versions.map(({ definition }) => definition),
    isDeletedWithStack: false,
  });
  expect(contractProperties({ ...properties, RemovalPolicy: 'delete' }).isDeletedWithStack).toBe(true);
  expect(contractProperties({ ...properties, RemovalPolicy: undefined }).isDeletedWithStack).toBe(false);
});

describe('a property that is wrong', () => {
  const wrong: readonly [string, object][] = [
    ['EventType', { EventType: 'Orders!' }],
    ['EventType', { EventType: undefined }],
    ['Topic.name', { Topic: undefined }],
    ['Topic.name', { Topic: { partitions: '3' } }],
    ['Topic.partitions', { Topic: { name: ORDER, partitions: '0' } }],
    ['Topic.partitions', { Topic: { name: ORDER, partitions: 'many' } }],
    ['Topic.config', { Topic: { name: ORDER, partitions: '1', config: 'x' } }],
    ['RegistryName', { RegistryName: '' }],
    ['Versions', { Versions: [] }],
    ['Versions', { Versions: '{}' }],
    ['Versions[1]', { Versions: ['{}', '{'] }],
    ['RemovalPolicy', { RemovalPolicy: 'destroy' }],
  ];
  it.for(wrong)('is named: %s', ([name, more]) => {
    expect(() => contractProperties({ ...properties, ...more })).toThrow(
      expect.objectContaining({
        code: 'SLUICE_CONFIGURATION',
        message: expect.stringMatching(
          `^the property ${name.replace(/[[\]]/g, '\\$&')} of the custom resource must be `,
        ),
      }),
    );
  });
});
