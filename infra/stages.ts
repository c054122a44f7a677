import { aws_logs as logs, RemovalPolicy } from 'aws-cdk-lib';
import { DEFAULT_THROTTLE } from './api/shared-api.ts';
import type { PipelineProps } from './pipeline.ts';

/** What a stage is set to where nobody says otherwise. */
export type StageSettings = Required<
  Pick<PipelineProps, 'removalPolicy' | 'logRetention' | 'throttle' | 'sourceBackup'>
>;

/** For trying things: it goes with its stack, and costs little where a program sends too much. */
const DEV: StageSettings = {
  removalPolicy: RemovalPolicy.DESTROY,
  logRetention: logs.RetentionDays.TWO_WEEKS,
  throttle: { rateLimit: 100, burstLimit: 200 },
  sourceBackup: false,
};

/** For data that is missed: it outlives its stack. */
const PROD: StageSettings = {
  removalPolicy: RemovalPolicy.RETAIN,
  logRetention: logs.RetentionDays.THREE_MONTHS,
  throttle: DEFAULT_THROTTLE,
  sourceBackup: true,
};

/** Only `dev` is for trying things: a stage by any other name keeps its data. */
export function stageSettings(stage: string): StageSettings {
  return stage === 'dev' ? DEV : PROD;
}
