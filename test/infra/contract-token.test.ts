import { expect, test } from 'vitest';
import { provisionName } from '../../infra/names.ts';
import { historyOfFields } from '../support/histories.ts';
import { policyOf } from '../support/policy-of.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type Options, ofType, synthesise } from './synthesise.ts';

const DELETING = ['glue:DeleteSchema', 'kafka-cluster:DeleteTopic'];

/** What the contract of an event type says of its removal, and what its function may do. */
function contractOf(options: Options = {}): { readonly removal: unknown; readonly actions: readonly string[] } {
  const history = historyOfFields('shop.order', [[{ name: 'id', type: 'string' }]]);
  const { pipeline, types } = synthesise(temporaryFolder(), [history], options);
  const [contract] = ofType(types.get(history.eventType)!, 'Custom::SluiceContract');
  return {
    removal: contract!.Properties.RemovalPolicy,
    actions: policyOf(pipeline, provisionName('test')).flatMap(({ actions }) => actions),
  };
}

test('topics and schemas stay when the stack of their event type goes, and nobody may delete them', () => {
  const { removal, actions } = contractOf();
  expect(removal).toBe('retain');
  expect(actions).toEqual(expect.arrayContaining(['kafka-cluster:CreateTopic', 'glue:CreateSchema']));
  // The network interfaces are its own.
  expect(actions.filter((action) => /^(?!ec2:).*Delete/.test(action))).toEqual([]);
});

test('they go with it where they are told to, and the function is allowed that much more', () => {
  const { removal, actions } = contractOf({ contractRemoval: 'delete' });
  expect(removal).toBe('delete');
  expect(new Set(actions)).toEqual(new Set([...contractOf().actions, ...DELETING]));
});
