import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { buildOnce, runTool, tell } from './build.ts';
import { converse, type Oracle } from './converse.ts';

/** Sources that every program is compiled with. */
const SHARED = join(import.meta.dirname, 'java');

/**
 * Starts a Java program of a folder that holds a `pom.xml` and its sources. The first start has Maven fetch the class
 * path and javac compile the sources, into the user's cache; later ones find both there.
 *
 * @param args the program's arguments
 * @throws Error that says what is missing: a test that needs an oracle fails without it, and never passes unasked.
 */
export async function startOracle(folder: string, main: string, args: readonly string[] = []): Promise<Oracle> {
  const classPath = await build(folder);
  const child = spawn('java', ['-Xmx256m', '-Xshare:auto', '-cp', classPath, main, ...args]);
  return converse(child, main, 'Java 17 or newer');
}

async function build(folder: string): Promise<string> {
  const name = basename(folder);
  const pom = join(folder, 'pom.xml');
  const sources = [...(await sourcesOf(SHARED)), ...(await sourcesOf(folder))];
  const built = await buildOnce(name, [pom, ...sources], async (building) => {
    tell(`${name}: fetching its class path with Maven (once)`);
    const copy = [
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${join(building, 'libs')}`,
    ];
    await runTool('mvn', ['-q', '-B', '-f', pom, ...copy], 'Maven');
    tell(`${name}: compiling it with javac`);
    await runTool(
      'javac',
      ['-proc:none', '-cp', join(building, 'libs', '*'), '-d', join(building, 'classes'), ...sources],
      'a JDK, 17 or newer,',
    );
  });
  return `${join(built, 'libs', '*')}:${join(built, 'classes')}`;
}

async function sourcesOf(folder: string): Promise<string[]> {
  const files = await readdir(folder);
  return files
    .filter((file) => file.endsWith('.java'))
    .sort()
    .map((file) => join(folder, file));
}
