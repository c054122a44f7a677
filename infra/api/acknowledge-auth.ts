import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { Auth } from './event-method.ts';

/** Says of a method why cdk-nag's rules about users do not hold. */
export function acknowledgeAuth(method: Construct, auth: Auth): void {
  const senders = 'Senders are programs, not users who log in';
  acknowledge(method, {
    'AwsSolutions-COG4': `${senders}: ${auth === 'iam' ? 'IAM says who may send' : 'each has an API key'}`,
    ...(auth === 'iam' ? {} : { 'AwsSolutions-APIG4': `${senders}: the method asks for an API key` }),
  });
}
