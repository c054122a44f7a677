import { expect, test } from 'vitest';
import type { ProxyEvent } from '../../src/adapters/aws/lambda-events.ts';
import { headerOf, parameterOf } from '../../src/handlers/proxy-event.ts';
import { fixture } from './fixtures/fixture.ts';

const EVENT = fixture<ProxyEvent>('api-gateway');

test('a header is found however its name is spelt', () => {
  expect(headerOf(EVENT, 'content-type')).toBe('application/x-ndjson; charset=utf-8');
  expect(headerOf({ ...EVENT, multiValueHeaders: null }, 'content-type')).toBe('application/x-ndjson; charset=utf-8');
  expect(headerOf({ ...EVENT, multiValueHeaders: null, headers: null }, 'content-type')).toBeUndefined();
  expect(headerOf(EVENT, 'schema-version')).toBeUndefined();
});

test('a header that came twice is a list, but for the content type', () => {
  const twice = { 'Schema-Version': ['1', '2'], 'Content-Type': ['a/b', 'c/d'], Empty: [] };
  expect(headerOf({ ...EVENT, multiValueHeaders: twice }, 'schema-version')).toBe('1, 2');
  expect(headerOf({ ...EVENT, multiValueHeaders: twice }, 'content-type')).toBe('a/b');
  expect(headerOf({ ...EVENT, multiValueHeaders: twice }, 'empty')).toBeUndefined();
});

test('a parameter is a text, or a list where it came twice', () => {
  const of = (values: readonly string[]): ProxyEvent => ({ ...EVENT, multiValueQueryStringParameters: { v: values } });
  expect(parameterOf(of(['1']), 'v')).toBe('1');
  expect(parameterOf(of(['1', '1']), 'v')).toEqual(['1', '1']);
  expect(parameterOf({ ...EVENT, queryStringParameters: { v: '3' } }, 'v')).toBe('3');
  expect(parameterOf(EVENT, 'v')).toBeUndefined();
});
