import { SluiceError } from '../errors.ts';
import { type RefusedVersion, type SchemaHistory, type SchemaVersion, schemaHistory } from '../schema/history.ts';
import { judgeNext } from './check.ts';
import type { Finding, SchemaFile } from './rule.ts';

/**
 * Makes a history of what a registry has. Anybody may register anything there: a version that breaks a rule is refused,
 * and the pipeline goes on with those before it, and with those after it that keep the rules without it.
 *
 * @param files ascending.
 * @throws SluiceError SLUICE_SCHEMA_INVALID when no version is left.
 */
export function admitVersions(eventType: string, files: readonly SchemaFile[]): SchemaHistory {
  const versions: SchemaVersion[] = [];
  const refused: RefusedVersion[] = [];
  let gap: string | undefined;
  files.forEach((file, index) => {
    const expected = (files[index - 1]?.version ?? 0) + 1;
    // Where a column stands is decided by all versions before it: nothing may follow one that nobody knows any more.
    if (file.version !== expected) gap ??= `v${expected} is missing`;
    const { version, findings } = judgeNext(eventType, versions, file);
    const reason = gap ?? firstError(findings);
    if (version !== undefined && reason === undefined) versions.push(version);
    else
      refused.push({ version: file.version, ids: file.ids ?? {}, root: version?.root, reason: `${reason}${at(file)}` });
  });
  if (versions.length > 0) return schemaHistory(eventType, versions, refused);
  const [first] = refused;
  const why = first === undefined ? ': there is no version; add v1.avsc' : ` v${first.version}: ${first.reason}`;
  throw new SluiceError('SLUICE_SCHEMA_INVALID', `${eventType}${why}`);
}

function firstError(findings: readonly Finding[]): string | undefined {
  const error = findings.find(({ severity }) => severity === 'error');
  if (error === undefined) return undefined;
  return `${error.path === '$' ? '' : `${error.path}: `}${error.message}; ${error.advice} (${error.rule})`;
}

function at({ source }: SchemaFile): string {
  return source === undefined ? '' : `, in ${source}`;
}
