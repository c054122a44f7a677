import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeployedStack } from '../../adapters/aws/cloudformation.ts';
import { asObject, asText, NESTED_STACK, parseTemplate, type StackTree } from '../../deploy/template.ts';
import { SluiceError } from '../../errors.ts';

/** Names of files: those of stacks that stand alone, and those of stacks that others nest. */
const TEMPLATE = /\.template\.json$/;
const NESTED_TEMPLATE = /\.nested\.template\.json$/;

/**
 * The stacks of a folder of templates: what `cdk synth` writes, by its manifest, or any folder of `<stack>.template.json`.
 *
 * @param option the option that names the folder, for messages.
 * @throws SluiceError SLUICE_USAGE where there is none, or something in it is no template.
 */
export async function readAssembly(folder: string, option: string): Promise<StackTree[]> {
  const refuse = (what: string): SluiceError => new SluiceError('SLUICE_USAGE', `${option} ${folder}: ${what}`);
  const files = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    throw refuse(`it cannot be read (${cause.code}); give a folder that "cdk synth" has written`);
  });
  const named = await stacksOfManifest(folder, files);
  const stacks =
    named ??
    files
      .filter((file) => TEMPLATE.test(file) && !NESTED_TEMPLATE.test(file))
      .sort()
      .map((file) => {
        return { name: file.replace(TEMPLATE, ''), file };
      });
  if (stacks.length === 0) throw refuse('it holds no template; give a folder that "cdk synth" has written');
  const read = async (name: string, file: string, above: readonly string[]): Promise<StackTree> => {
    if (above.includes(file)) throw refuse(`${file} nests itself`);
    const text = await readFile(join(folder, file), 'utf8').catch((cause: NodeJS.ErrnoException) => {
      throw refuse(`${file} cannot be read (${cause.code})`);
    });
    const template = parseTemplate(text);
    if (template === undefined) throw refuse(`${file} is no CloudFormation template in JSON`);
    const nested: Record<string, StackTree> = {};
    for (const [id, inner] of nestedFiles(text)) nested[id] = await read(id, inner, [...above, file]);
    return { name, template, nested };
  };
  return Promise.all(stacks.map(({ name, file }) => read(name, file, [])));
}

/** What is deployed, in the shape of what is compared. @throws SluiceError SLUICE_STACKS_UNREADABLE. */
export function deployedTree({ name, template: text, nested }: DeployedStack): StackTree {
  const template = parseTemplate(text);
  if (template === undefined) {
    throw new SluiceError(
      'SLUICE_STACKS_UNREADABLE',
      `the template of the deployed stack ${name} is no JSON, as the CDK writes it: compare two folders by --against`,
    );
  }
  const inner = Object.entries(nested).map(([id, stack]) => [id, deployedTree(stack)]);
  return { name, template, nested: Object.fromEntries(inner) };
}

/** Source: cloud-assembly-schema, "aws:cloudformation:stack". */
async function stacksOfManifest(
  folder: string,
  files: readonly string[],
): Promise<readonly { readonly name: string; readonly file: string }[] | undefined> {
  if (!files.includes('manifest.json')) return undefined;
  const manifest = asObject(parsed(await readFile(join(folder, 'manifest.json'), 'utf8')));
  return Object.entries(asObject(manifest?.artifacts) ?? {}).flatMap(([id, value]) => {
    const artifact = asObject(value);
    const properties = asObject(artifact?.properties);
    const file = asText(properties?.templateFile);
    if (artifact?.type !== 'aws:cloudformation:stack' || file === undefined) return [];
    return [{ name: asText(properties?.stackName) ?? id, file }];
  });
}

/** Where the CDK has put the templates of nested stacks: it says so in their metadata. */
function nestedFiles(text: string): [string, string][] {
  const resources = asObject(asObject(parsed(text))?.Resources) ?? {};
  return Object.entries(resources).flatMap(([id, value]): [string, string][] => {
    const resource = asObject(value);
    const file = asText(asObject(resource?.Metadata)?.['aws:asset:path']);
    return resource?.Type === NESTED_STACK && file !== undefined ? [[id, file]] : [];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
