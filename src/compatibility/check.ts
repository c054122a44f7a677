import { arrangeColumns } from '../derive/layout.ts';
import { isEventType, type SchemaVersion, schemaHistory, successorOf } from '../schema/history.ts';
import { publishedText } from '../schema/published-text.ts';
import { readVersion } from './files.ts';
import { type Compatibility, compatibilityOf, MODES, reaches } from './mode.ts';
import type { Contract, Finding, Rule, SchemaFile, SchemaFiles, Spot } from './rule.ts';
import { RULES } from './rules.ts';
import { countColumns, MAX_COLUMNS } from './size.ts';

/** What a check found, and what it looked at. */
export interface Report {
  readonly findings: readonly Finding[];
  readonly judged: readonly JudgedType[];
}

export interface JudgedType {
  readonly eventType: string;
  readonly versions: readonly number[];
  /** What the newest version asks for. */
  readonly compatibility: Compatibility | undefined;
}

/**
 * Judges every version of every event type by all rules: alone, and beside all earlier ones.
 *
 * @param published the same folder as it was published, to which each of its versions is held.
 */
export function checkSchemas(
  current: readonly SchemaFiles[],
  published: readonly SchemaFiles[] = [],
  rules: readonly Rule[] = RULES,
): Report {
  const names = [...new Set([...current, ...published].map(({ eventType }) => eventType))].sort();
  const find = (folder: readonly SchemaFiles[], eventType: string): SchemaFiles =>
    folder.find((files) => files.eventType === eventType) ?? { eventType, versions: [] };
  const findings = new Findings();
  const judged = names.map((eventType) =>
    judgeType(find(current, eventType), find(published, eventType), rules, findings),
  );
  const eventTypes = current.map(({ eventType }) => eventType).filter(isEventType);
  for (const rule of rules) {
    if (rule.over !== 'folder') continue;
    for (const { eventType, ...spot } of rule.find(eventTypes)) findings.add(rule, eventType, spot, {});
  }
  return { findings: findings.all(), judged };
}

/** Rules that need all versions at once: beside one that is judged alone, there are neither earlier nor later ones. */
const OVER_ALL_VERSIONS: ReadonlySet<string> = new Set(['LINT_VERSIONS_WITHOUT_GAP', 'LINT_SUCCESSOR_THERE']);

/**
 * Judges one more version of an event type: alone, and beside the earlier ones, which are taken as they are.
 *
 * @returns the version, undefined where its file holds none.
 */
export function judgeNext(
  eventType: string,
  earlier: readonly SchemaVersion[],
  file: SchemaFile,
): { readonly version: SchemaVersion | undefined; readonly findings: readonly Finding[] } {
  const findings = new Findings();
  const files = { eventType, versions: [file] };
  for (const rule of RULES) {
    if (rule.over !== 'files' || OVER_ALL_VERSIONS.has(rule.id)) continue;
    for (const { version, ...spot } of rule.find(files, undefined)) findings.add(rule, eventType, spot, { version });
  }
  const [version] = readVersions(files);
  if (version !== undefined && findings.all().length === 0) {
    judgePairs(
      earlier.map((before) => ({ earlier: before, later: version })),
      RULES,
      findings,
    );
    judgeAlone(version, RULES, findings);
    const contracts = [...(earlier.length === 0 ? [] : [contractOf(earlier)]), contractOf([...earlier, version])];
    judgeContracts(contracts, [], RULES, findings);
  }
  return { version, findings: findings.all() };
}

function judgeType(files: SchemaFiles, published: SchemaFiles, rules: readonly Rule[], findings: Findings): JudgedType {
  const { eventType } = files;
  for (const rule of rules) {
    if (rule.over !== 'files') continue;
    for (const { version, ...spot } of rule.find(files, published)) findings.add(rule, eventType, spot, { version });
  }
  const versions = readVersions(files);
  const newest = versions.at(-1);
  if (newest !== undefined) {
    const formerly = isWhole(published, readVersions(published)) ? readVersions(published) : [];
    const mended = mendedVersions(versions);
    const standing = versions.filter((version) => !mended.has(version));
    const pairs = versions.flatMap((later) =>
      standing.filter(({ version }) => version < later.version).map((earlier) => ({ earlier, later })),
    );
    // Events of a version that was published and then changed are still there.
    for (const earlier of replaced(versions, formerly)) pairs.push({ earlier, later: newest });
    judgePairs(pairs, rules, findings, mended);
    judgeAlone(newest, rules, findings);
    // What is derived from a history needs all of it.
    if (isWhole(files, versions)) {
      const contracts = standing.map((_, index) => contractOf(standing.slice(0, index + 1)));
      judgeContracts(contracts, formerly, rules, findings);
    }
  }
  return {
    eventType,
    versions: files.versions.map(({ version }) => version),
    compatibility: newest === undefined ? undefined : compatibilityOf(newest.definition),
  };
}

/** The versions that can be read; none under a name that is no event type. */
function readVersions({ eventType, versions }: SchemaFiles): SchemaVersion[] {
  return versions.flatMap((file) => {
    const read = readVersion(eventType, file);
    return 'message' in read ? [] : [read];
  });
}

function isWhole(files: SchemaFiles, versions: readonly SchemaVersion[]): boolean {
  return versions.length === files.versions.length && versions.every(({ version }, index) => version === index + 1);
}

/** Published versions that have another text now, or none. */
function replaced(versions: readonly SchemaVersion[], formerly: readonly SchemaVersion[]): SchemaVersion[] {
  return formerly.filter((before) =>
    versions.every(
      ({ version, definition }) =>
        version !== before.version || publishedText(definition) !== publishedText(before.definition),
    ),
  );
}

function judgeAlone(newest: SchemaVersion, rules: readonly Rule[], findings: Findings): void {
  for (const rule of rules) {
    if (rule.over !== 'version') continue;
    for (const spot of rule.find(newest)) findings.add(rule, newest.eventType, spot, newest);
  }
}

function judgePairs(
  pairs: readonly { readonly earlier: SchemaVersion; readonly later: SchemaVersion }[],
  rules: readonly Rule[],
  findings: Findings,
  mended: ReadonlyMap<SchemaVersion, SchemaVersion> = new Map(),
): void {
  for (const { earlier, later } of pairs) {
    const successor = mended.get(later);
    const { forward } = MODES[compatibilityOf(later.definition).mode];
    const distance = Math.max(later.version - earlier.version, 1);
    for (const rule of rules) {
      if (rule.over !== 'pair' && !(rule.over === 'forward pair' && reaches(forward, distance))) continue;
      const seen = { version: later.version, against: earlier.version };
      for (const spot of rule.find(earlier, later)) {
        const accepted =
          successor === undefined ? acceptance(rule, later, distance) : `superseded by v${successor.version}`;
        findings.add(rule, later.eventType, spot, seen, accepted);
      }
    }
  }
}

/**
 * Versions that break a rule and were superseded, with what took their place. A registry's readers refuse them, and judge
 * later versions without them.
 */
function mendedVersions(versions: readonly SchemaVersion[]): Map<SchemaVersion, SchemaVersion> {
  const mended = new Map<SchemaVersion, SchemaVersion>();
  const standing: SchemaVersion[] = [];
  for (const version of versions) {
    const successor = successorOf({ versions }, version);
    const isBroken =
      successor !== version &&
      judgeNext(version.eventType, standing, version).findings.some(({ severity }) => severity === 'error');
    if (isBroken) mended.set(version, successor);
    else standing.push(version);
  }
  return mended;
}

/** @param contracts one after the other, as they grew. */
function judgeContracts(
  contracts: readonly Contract[],
  formerly: readonly SchemaVersion[],
  rules: readonly Rule[],
  findings: Findings,
): void {
  const after = contracts.at(-1)!;
  const { newest } = after.history;
  const steps = contracts.slice(1).map((contract, index) => ({ before: contracts[index]!, after: contract }));
  if (formerly.length > 0) steps.push({ before: contractOf(formerly), after });
  for (const rule of rules) {
    if (rule.over === 'contract') {
      for (const spot of rule.find(after)) findings.add(rule, newest.eventType, spot, newest);
    } else if (rule.over === 'contracts') {
      for (const step of steps) {
        const later = step.after.history.newest;
        const against = step.before.history.newest.version;
        for (const spot of rule.find(step.before, step.after)) {
          findings.add(rule, later.eventType, spot, { version: later.version, against }, acceptance(rule, later, 1));
        }
      }
    }
  }
}

function contractOf(versions: readonly SchemaVersion[]): Contract {
  const history = schemaHistory(versions[0]!.eventType, versions);
  const fits = versions.every(({ root }) => countColumns(root) <= MAX_COLUMNS);
  const columns = fits ? arrangeColumns(history) : undefined;
  return { history, columns: columns !== undefined && columns.length <= MAX_COLUMNS ? columns : undefined };
}

/** The written reason that lets a change pass: the version's mode does not ask for what the rule asks. */
function acceptance(rule: Rule, later: SchemaVersion, distance: number): string | undefined {
  if (rule.surface === 'LINT' || rule.over === 'forward pair') return undefined;
  const { mode, reason } = compatibilityOf(later.definition);
  return reaches(MODES[mode].backward, distance) ? undefined : reason;
}

/** Collects findings; what is found beside several earlier versions is one finding. */
class Findings {
  readonly #byPlace = new Map<string, Finding & { readonly against: number[] }>();

  add(
    rule: Rule,
    eventType: string,
    { path, message }: Spot,
    seen: { readonly version?: number; readonly against?: number },
    accepted?: string,
  ): void {
    const key = JSON.stringify([rule.id, eventType, seen.version, path, message]);
    const known = this.#byPlace.get(key);
    const against = known?.against ?? [];
    if (seen.against !== undefined && !against.includes(seen.against)) against.push(seen.against);
    // One that is not accepted weighs more than those that are.
    if (known !== undefined && (known.accepted === undefined || accepted !== undefined)) return;
    this.#byPlace.set(key, {
      rule: rule.id,
      surface: rule.surface,
      severity: accepted === undefined ? rule.severity : 'warning',
      eventType,
      version: seen.version,
      path,
      message,
      against,
      affected: rule.affected,
      advice: rule.advice,
      accepted,
    });
  }

  /** Errors first, then by event type and version. */
  all(): Finding[] {
    return [...this.#byPlace.values()].sort(
      (a, b) =>
        a.severity.localeCompare(b.severity) ||
        a.eventType.localeCompare(b.eventType) ||
        (a.version ?? 0) - (b.version ?? 0),
    );
  }
}
