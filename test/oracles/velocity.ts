import { join } from 'node:path';
import { startJava } from '../../contracts/readers/java.ts';

/** What a mapping template sees of a request, or of an integration's answer to it. */
export interface TemplateInput {
  /** The request's body; in a response template, that of the answer. */
  readonly body: string;
  /** Of the request, as the sender spells their names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Members of `$context`. */
  readonly context?: Readonly<Record<string, string>>;
  /** What an earlier template put into `$context.requestOverride.path`. */
  readonly path?: Readonly<Record<string, string>>;
}

export interface TemplateOutput {
  readonly text: string;
  /** What the template sets in `$context.responseOverride`. */
  readonly status: number | undefined;
  /** What `$context.requestOverride.path` holds after it. */
  readonly path: Readonly<Record<string, string>>;
}

/** Apache Velocity, with API Gateway's variables. */
export interface Velocity {
  evaluate(template: string, input: TemplateInput): Promise<TemplateOutput>;
  close(): Promise<void>;
}

/** The generations of Velocity that templates are tried with: AWS does not say which one it runs. */
export const VELOCITIES = { '2.4': 'velocity', '1.7': 'velocity-1.7' } as const;

/**
 * Starts a program that evaluates templates; its first start fetches the engine with Maven. What it provides follows the
 * "mapping template reference" of API Gateway's developer guide: it may be more lenient than AWS, which allows fewer
 * methods of Java's classes than Velocity does.
 */
export async function startVelocity(version: keyof typeof VELOCITIES): Promise<Velocity> {
  const sources = join(import.meta.dirname, 'velocity');
  const program = await startJava(sources, 'VelocityTemplates', [], join(import.meta.dirname, VELOCITIES[version]));
  return {
    async evaluate(template, { body, headers = {}, query = {}, context = {}, path = {} }) {
      const parts = [part('template', template), part('body', body)];
      for (const [key, texts] of Object.entries({ header: headers, query, context, path })) {
        for (const [name, value] of Object.entries(texts)) parts.push(`${part(key, name)}:${encoded(value)}`);
      }
      const output: { text: string; status: number | undefined; path: Record<string, string> } = {
        text: '',
        status: undefined,
        path: {},
      };
      for (const answer of (await program.ask(parts.join(' '))).split(' ')) {
        const [key, first = '', second = ''] = answer.split(':');
        if (key === 'error') throw new Error(decoded(first));
        if (key === 'status') output.status = Number(decoded(first));
        else if (key === 'path') output.path[decoded(first)] = decoded(second);
        else output.text = decoded(first);
      }
      return output;
    },
    close: () => program.close(),
  };
}

function part(key: string, text: string): string {
  return `${key}:${encoded(text)}`;
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString();
}
