import { type Answering, startProxy, type TestProxy } from '../registry-proxy.ts';
import { type AwsCall, readCall } from './aws-call.ts';

/** A server in front of an AWS service: it writes down each call, and plays its faults. */
export interface ServiceProxy extends Pick<TestProxy, 'origin' | 'down' | 'up'> {
  /** All calls so far, those that were answered with a fault among them. */
  readonly calls: readonly AwsCall[];
  /** Answers of its own; undefined passes the call on. By default, all are passed on. */
  fault: (call: AwsCall, body: string) => ReturnType<Answering>;
}

/** @param target origin of the service */
export async function startServiceProxy(target: string): Promise<ServiceProxy> {
  const calls: AwsCall[] = [];
  const proxy = await startProxy(target);
  const { origin, down, up } = proxy;
  const service: ServiceProxy = { origin, down, up, calls, fault: () => undefined };
  proxy.answer = (what, body, headers) => {
    const call = readCall(what, body, headers);
    calls.push(call);
    return service.fault(call, body);
  };
  return service;
}
