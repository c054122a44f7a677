import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { assume } from '../../../src/cost/assumptions.ts';
import { parseTemplate } from '../../../src/deploy/template.ts';
import { newFolder, sluice } from '../../support/cli.ts';
import { FIRST, SECOND, writeVersions } from '../../support/order-schemas.ts';

const deployed = newFolder();
const schemas = newFolder();

interface Report {
  readonly ok: boolean;
  readonly types: readonly {
    readonly event_type: string;
    readonly removed: number;
    readonly data_at_risk: readonly { readonly loss: string }[];
  }[];
}

/** The whole pipeline of a folder of schemas, synthesised and compared with what is in `deployed`. */
async function check(folder: string): Promise<{ readonly exitCode: number | null; readonly report: Report }> {
  const result = await sluice(['deploy', '--check', '--schemas', folder, '--against', deployed, '--json']);
  return { exitCode: result.exitCode, report: result.json<Report>() };
}

beforeAll(async () => {
  writeVersions(schemas, 'shop.order', [FIRST]);
  writeVersions(schemas, 'shop.visit', [FIRST]);
  const { runCdk } = await import('../../../src/cli/deploy/cdk.ts');
  await runCdk(['synth', '--quiet', '--output', deployed, '--context', `schemas=${schemas}`], { quiet: true });
}, 300_000);

/** Properties of all resources of a type, of both event types and of what they share. */
// biome-ignore lint/suspicious/noExplicitAny: templates are looked into at any depth.
function propertiesOf(type: string): Record<string, any>[] {
  return readdirSync(deployed)
    .filter((file) => file.endsWith('.template.json'))
    .map((file) => parseTemplate(readFileSync(join(deployed, file), 'utf8'))!)
    .flatMap(({ Resources }) => Object.values(Resources).filter((resource) => resource.Type === type))
    .map(({ Properties }) => Properties);
}

test('what cost and capacity assume of the pipeline is what it is made of', () => {
  const assumed = assume();
  const once = (values: readonly unknown[]): unknown[] =>
    [...new Set(values.filter((value) => value !== undefined))].sort();
  const functions = propertiesOf('AWS::Lambda::Function').filter(
    ({ Environment }) => Environment?.Variables?.SLUICE_EVENT_TYPE !== undefined,
  );
  const { acceptMemory, produceMemory, consumeMemory, transformMemory } = assumed;
  expect(once(functions.map(({ MemorySize }) => MemorySize))).toEqual(
    once([acceptMemory, produceMemory, consumeMemory, transformMemory]),
  );
  const mappings = propertiesOf('AWS::Lambda::EventSourceMapping');
  const [fromQueue, fromKafka] = [mappings.filter(({ Topics }) => !Topics), mappings.filter(({ Topics }) => Topics)];
  expect(once(fromQueue.map(({ BatchSize }) => BatchSize))).toEqual([assumed.produceBatch]);
  expect(once(fromQueue.map((each) => each.MaximumBatchingWindowInSeconds))).toEqual([assumed.produceWindow]);
  expect(once(fromKafka.map(({ BatchSize }) => BatchSize))).toEqual([assumed.consumeBatch]);
  expect(once(fromKafka.map((each) => each.MaximumBatchingWindowInSeconds))).toEqual([assumed.consumeWindow]);
  const buffers = propertiesOf('AWS::KinesisFirehose::DeliveryStream').map(
    ({ ExtendedS3DestinationConfiguration: destination }) => destination.BufferingHints,
  );
  expect(once(buffers.map(({ SizeInMBs }) => SizeInMBs))).toEqual([assumed.objectBuffer]);
  expect(once(buffers.map(({ IntervalInSeconds }) => IntervalInSeconds))).toEqual([assumed.objectWindow]);
  const endpoints = propertiesOf('AWS::EC2::VPCEndpoint');
  expect(endpoints.filter(({ VpcEndpointType }) => VpcEndpointType === 'Interface')).toHaveLength(assumed.endpoints);
});

describe('the pipeline as it is synthesised', { timeout: 300_000 }, () => {
  test('takes a new version of one event type without a risk, and leaves the other alone', async () => {
    const next = newFolder();
    cpSync(schemas, next, { recursive: true });
    writeVersions(next, 'shop.order', [SECOND], 2);
    const { exitCode, report } = await check(next);
    expect(report.types.flatMap(({ data_at_risk: risks }) => risks)).toEqual([]);
    expect(exitCode).toBe(0);
    expect(report.types.map(({ event_type: type }) => type)).toEqual(['shared', 'shop.order']);
  });

  test('is not taken down for an event type whose schemas are gone, unless its data may be lost', async () => {
    const next = newFolder();
    mkdirSync(next, { recursive: true });
    cpSync(join(schemas, 'shop.order'), join(next, 'shop.order'), { recursive: true });
    const { exitCode, report } = await check(next);
    expect(exitCode).toBe(1);
    const visit = report.types.find(({ event_type: type }) => type === 'shop.visit')!;
    expect(visit.removed).toBeGreaterThan(10);
    const losses = visit.data_at_risk.map(({ loss }) => loss).join('\n');
    for (const what of [
      'nobody reads the topic "shop.visit"',
      'messages that were accepted',
      'rows that are buffered',
    ]) {
      expect(losses).toContain(what);
    }
    expect(report.types.filter(({ data_at_risk: risks }) => risks.length > 0)).toEqual([visit]);
  });
});
