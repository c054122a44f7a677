import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { openCloudFormation } from '../adapters/aws/cloudformation.ts';
import { deployReport, type StackPair } from '../deploy/report.ts';
import type { StackTree } from '../deploy/template.ts';
import { SluiceError } from '../errors.ts';
import { runCdk } from './deploy/cdk.ts';
import { deployedTree, readAssembly } from './deploy/read-assembly.ts';
import { showReport } from './deploy/show.ts';
import { also, type CommonOptions, newCommand } from './options.ts';
import { tell } from './terminal.ts';

interface DeployOptions extends CommonOptions {
  readonly check?: true;
  readonly assembly?: string;
  readonly against?: string;
  readonly region?: string;
  readonly allowDataLoss: readonly string[];
}

/**
 * `sluice deploy`: `cdk deploy`, once it is known that no data is lost by it. Exits with 1 where some is at risk.
 */
export function deployCommand(): Command {
  return newCommand('deploy', 'deploy to AWS by the CDK, unless data would be lost; --check only looks', [
    'sluice deploy --check',
    'sluice deploy --check --assembly cdk.out --against deployed/ --json',
    'sluice deploy -- --require-approval never',
    'sluice deploy --allow-data-loss shop.order',
    'sluice deploy -- --context stage=prod --profile prod',
  ])
    .option('--check', 'only say what would change, by event type, and which data is at risk')
    .option('--assembly <dir>', 'what "cdk synth" has written; by default it is synthesised now')
    .option('--against <dir>', 'compare with a folder of templates instead of what is deployed; with --check')
    .option('--region <region>', 'where the stacks are; by default, the one that the AWS SDK finds')
    .option('--allow-data-loss <type>', 'an event type, or "shared", whose data may be lost; may be repeated', also, [])
    .argument('[cdk...]', 'after --: arguments for "cdk deploy"; --context and --profile go to "cdk synth" as well')
    .action(deploy);
}

async function deploy(cdkArguments: readonly string[], options: DeployOptions): Promise<void> {
  if (options.against !== undefined && !options.check) {
    throw new SluiceError('SLUICE_USAGE', '--against compares two folders and deploys nothing: add --check');
  }
  const json = options.json === true;
  let temporary: string | undefined;
  try {
    let assembly = options.assembly;
    if (assembly === undefined) {
      temporary = await mkdtemp(join(tmpdir(), 'sluice-deploy-'));
      assembly = temporary;
      const forSynth = argumentsForSynth(cdkArguments);
      await runCdk(['synth', '--quiet', '--output', assembly, '--context', `schemas=${options.schemas}`, ...forSynth], {
        quiet: json,
      });
    }
    const after = await readAssembly(assembly, '--assembly');
    const report = deployReport(await pairsOf(after, options), options.allowDataLoss);
    showReport(report, json);
    if (!report.ok) {
      process.exitCode = 1;
      return;
    }
    if (options.check) return;
    // What was judged is what is deployed: the folder, not another synthesis.
    await runCdk(['deploy', '--all', '--app', assembly, ...cdkArguments], { quiet: json });
  } finally {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  }
}

/** Every stack that is to be, beside what there is of it; and those that there are and that are to go. */
async function pairsOf(after: readonly StackTree[], { against, region }: DeployOptions): Promise<StackPair[]> {
  if (against !== undefined) {
    const before = await readAssembly(against, '--against');
    const names = new Set([...before, ...after].map(({ name }) => name));
    return [...names].map((name) => {
      return { before: before.find((stack) => stack.name === name), after: after.find((stack) => stack.name === name) };
    });
  }
  const cloudFormation = openCloudFormation({ region });
  try {
    const pairs: StackPair[] = [];
    for (const stack of after) {
      const deployed = await cloudFormation.readStack(stack.name);
      if (deployed === undefined) tell(`${stack.name} is not deployed yet`);
      pairs.push({ before: deployed && deployedTree(deployed), after: stack });
    }
    return pairs;
  } finally {
    cloudFormation.close();
  }
}

/** Options of `cdk deploy` that decide what is synthesised, with their values. */
const FOR_SYNTH = ['--context', '-c', '--profile'];

function argumentsForSynth(args: readonly string[]): string[] {
  return args.flatMap((argument, index) => {
    if (FOR_SYNTH.includes(argument)) return [argument, ...args.slice(index + 1, index + 2)];
    return FOR_SYNTH.some((name) => argument.startsWith(`${name}=`)) ? [argument] : [];
  });
}
