import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, aws_lambda as lambda, Stack } from 'aws-cdk-lib';
import { EventType, type PartitionBy, Pipeline, type PipelineProps } from '../../infra/index.ts';
import type { SchemaHistory } from '../../src/schema/history.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
}

export interface Synthesised {
  /** Where the templates are. */
  readonly directory: string;
  readonly pipeline: string;
  /** Texts of the nested stacks' templates, by event type. */
  readonly types: ReadonlyMap<string, string>;
}

export type Options = Partial<PipelineProps> | ((stack: Stack) => Partial<PipelineProps>);

/**
 * Synthesises a pipeline into a folder. Its functions are all of the same small code: bundling takes its time.
 *
 * @param partitionBy of event types that are not to be as the pipeline is.
 */
export function synthesise(
  directory: string,
  histories: readonly SchemaHistory[],
  options: Options = {},
  partitionBy: Readonly<Record<string, PartitionBy>> = {},
): Synthesised {
  const app = new App({ outdir: directory, analyticsReporting: false, treeMetadata: false, stackTraces: false });
  const stack = new Stack(app, 'sluice-test');
  const pipeline = new Pipeline(stack, 'Pipeline', {
    stage: 'test',
    codeOf: () => lambda.Code.fromAsset(join(import.meta.dirname, 'code')),
    ...(typeof options === 'function' ? options(stack) : options),
  });
  const files = histories.map((history) => {
    const { stack: nested } = new EventType(pipeline, history.eventType, {
      history,
      partitionBy: partitionBy[history.eventType],
    });
    return [history.eventType, nested.templateFile] as const;
  });
  app.synth();
  const read = (file: string): string => readFileSync(join(directory, file), 'utf8');
  return {
    directory,
    pipeline: read(stack.templateFile),
    types: new Map(files.map(([eventType, file]) => [eventType, read(file)])),
  };
}

/** The resources of a template by their logical ids. */
export function resourcesOf(template: string): Readonly<Record<string, Resource>> {
  return (JSON.parse(template) as { Resources: Record<string, Resource> }).Resources;
}

/** The resources of a type of CloudFormation's. */
export function ofType(template: string, type: string): Resource[] {
  return Object.values(resourcesOf(template)).filter(({ Type }) => Type === type);
}
