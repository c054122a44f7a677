import { spawn } from 'node:child_process';
import { basename, join } from 'node:path';
import { buildOnce, runTool, tell } from './build.ts';
import { converse, type LineProgram } from './converse.ts';

const NEEDED = 'Python 3.11 or newer with its venv module';

/**
 * The Python of an environment that has what a folder's `requirements.txt` asks for. It is made at the first call, by
 * venv and pip, in the user's cache. Programs that a package brings are run as modules (`-m`): the environment has been
 * renamed since pip wrote its scripts.
 *
 * @returns the path of the interpreter
 * @throws Error that says what is missing
 */
export async function pythonOf(folder: string): Promise<string> {
  const name = basename(folder);
  const requirements = join(folder, 'requirements.txt');
  const environment = await buildOnce(`${name}-python`, [requirements], async (building) => {
    tell(`${name}: fetching its Python packages with pip (once)`);
    await runTool('python3', ['-m', 'venv', building], NEEDED);
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
    await runTool(join(building, 'bin', 'python'), install, NEEDED);
  });
  return join(environment, 'bin', 'python');
}

/**
 * Starts a Python program of a folder that holds a `requirements.txt`; see `pythonOf`.
 *
 * @param program the name of its file
 * @param args the program's arguments
 * @throws Error that says what is missing.
 */
export async function startPython(folder: string, program: string, args: readonly string[] = []): Promise<LineProgram> {
  const python = await pythonOf(folder);
  // -E and -s: nothing of the user's own environment; -B: no compiled files beside the sources.
  const child = spawn(python, ['-E', '-s', '-B', '-X', 'utf8', join(folder, program), ...args]);
  return converse(child, program, NEEDED);
}
