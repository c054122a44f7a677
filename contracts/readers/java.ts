import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { buildOnce, runTool, tell } from './build.ts';
import { converse, type LineProgram } from './converse.ts';

/** Sources that every program is compiled with. */
const SHARED = join(import.meta.dirname, 'java');

const NEEDED = { maven: 'Maven', jdk: 'a JDK, 17 or newer,', java: 'Java 17 or newer' } as const;

/** A Java program: its sources, and the poms that name its libraries. */
export interface JavaProgram {
  /** The folder of its sources. */
  readonly folder: string;
  /** The pom of the libraries that it runs with. */
  readonly pom: string;
  /** The pom of those that it is compiled with, where these are others. */
  readonly compilePom?: string;
}

/**
 * Starts a Java program of a folder that holds its sources; see `classPathOf` for what happens at the first start.
 *
 * @param args the program's arguments
 * @param libraries the folder of the `pom.xml` that names its libraries; its own by default
 * @throws Error that says what is missing
 */
export async function startJava(
  folder: string,
  main: string,
  args: readonly string[] = [],
  libraries = folder,
): Promise<LineProgram> {
  const classPath = await classPathOf({ folder, pom: join(libraries, 'pom.xml') });
  const child = spawn('java', ['-Xmx512m', '-Xshare:auto', '-cp', classPath, main, ...args]);
  return converse(child, main, NEEDED.java);
}

/**
 * The class path of a program. At the first call, Maven fetches its libraries and javac compiles its sources, into the
 * user's cache; later ones find both there.
 *
 * @throws Error that says what is missing
 */
export async function classPathOf({ folder, pom, compilePom }: JavaProgram): Promise<string> {
  const name = basename(folder);
  const sources = [...(await sourcesOf(SHARED)), ...(await sourcesOf(folder))];
  const poms = compilePom === undefined ? [pom] : [pom, compilePom];
  const built = await buildOnce(`${name}-java`, [...poms, ...sources], async (building) => {
    tell(`${name}: fetching its Java libraries with Maven (once)`);
    const libraries = join(building, 'libs');
    await fetchLibraries(pom, libraries);
    const compileLibraries = compilePom === undefined ? libraries : join(building, 'compile-libs');
    if (compilePom !== undefined) await fetchLibraries(compilePom, compileLibraries);
    tell(`${name}: compiling it with javac`);
    // For Java 17, whatever compiles it: another Java may run it.
    const options = ['--release', '17', '-proc:none', '-cp', join(compileLibraries, '*')];
    await runTool('javac', [...options, '-d', join(building, 'classes'), ...sources], NEEDED.jdk);
  });
  return `${join(built, 'libs', '*')}:${join(built, 'classes')}`;
}

async function fetchLibraries(pom: string, folder: string): Promise<void> {
  const copy = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
  await runTool('mvn', ['-q', '-B', '-f', pom, ...copy], NEEDED.maven);
}

async function sourcesOf(folder: string): Promise<string[]> {
  const files = await readdir(folder);
  return files
    .filter((file) => file.endsWith('.java'))
    .sort()
    .map((file) => join(folder, file));
}
