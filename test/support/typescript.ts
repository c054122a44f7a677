import ts from 'typescript';

/** A complaint of the compiler; lines from 1. */
export interface Complaint {
  readonly file: string | undefined;
  readonly line: number;
  readonly text: string;
}

/**
 * Compiles modules that live in memory only, as strictly as the compiler can, and emits nothing.
 *
 * @param sources text by path, such as `/event.ts`; they import one another by these names.
 * @param world what the platform declares: a browser's library, or Node's types.
 */
export function compileStrictly(sources: ReadonlyMap<string, string>, world: 'browser' | 'node'): Complaint[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noImplicitOverride: true,
    noImplicitReturns: true,
    noFallthroughCasesInSwitch: true,
    noPropertyAccessFromIndexSignature: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    isolatedModules: true,
    skipLibCheck: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: world === 'browser' ? ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'] : ['lib.es2022.d.ts'],
    types: world === 'browser' ? [] : ['node'],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (path, ...rest) => {
    const text = sources.get(path);
    return text === undefined ? getSourceFile(path, ...rest) : ts.createSourceFile(path, text, ts.ScriptTarget.ES2022);
  };
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  host.readFile = (path) => sources.get(path) ?? readFile(path);
  return ts.getPreEmitDiagnostics(ts.createProgram([...sources.keys()], options, host)).map((diagnostic) => ({
    file: diagnostic.file?.fileName,
    line: (diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? -1) + 1,
    text: ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'),
  }));
}
