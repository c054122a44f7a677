import { join } from 'node:path';
import { schemaPath } from '../../adapters/registry/folder.ts';
import type { Report } from '../../compatibility/check.ts';
import { DEFAULT_MODE } from '../../compatibility/mode.ts';
import { type Finding, SURFACES } from '../../compatibility/rule.ts';
import { RULES } from '../../compatibility/rules.ts';
import { SluiceError } from '../../errors.ts';
import { annotationLine } from '../annotation.ts';
import { type JunitNote, junitDocument } from '../junit.ts';
import { paint, print, printable, printJson, renderTable } from '../terminal.ts';

/** How a report is printed. */
export const FORMATS = ['text', 'json', 'junit', 'github-actions'] as const;

export type Format = (typeof FORMATS)[number];

/** Prints a report. `schemas` is the folder whose files it is about. */
export function printReport(report: Report, format: Format, schemas: string): void {
  switch (format) {
    case 'text':
      return printText(report);
    case 'json':
      return printJson(reportJson(report));
    case 'junit':
      return print(junit(report));
    case 'github-actions':
      for (const finding of report.findings) print(annotation(finding, schemas));
  }
}

/**
 * What a report says of one event type; all of it where none is named.
 *
 * @throws SluiceError SLUICE_EVENT_TYPE_UNKNOWN where nothing of that name was judged.
 */
export function reportOn(type: string | undefined, report: Report, schemas: string): Report {
  if (type === undefined) return report;
  const judged = report.judged.filter(({ eventType }) => eventType === type);
  if (judged.length === 0) throw new SluiceError('SLUICE_EVENT_TYPE_UNKNOWN', `${type} has no schema in ${schemas}`);
  return { judged, findings: report.findings.filter(({ eventType }) => eventType === type) };
}

export function hasErrors({ findings }: Pick<Report, 'findings'>): boolean {
  return findings.some(({ severity }) => severity === 'error');
}

/** A report as a part of a JSON document. */
export function reportJson({ judged, findings }: Report): object {
  return { judged: judged.map(judgedJson), findings: findings.map(findingJson) };
}

function judgedJson({ eventType, versions, compatibility }: Report['judged'][number]): object {
  return {
    event_type: eventType,
    versions,
    compatibility: compatibility?.mode ?? null,
    reason: compatibility?.reason ?? null,
  };
}

export function findingJson({ eventType, version, accepted, ...rest }: Finding): object {
  return { ...rest, event_type: eventType, version: version ?? null, accepted: accepted ?? null };
}

function printText({ findings, judged }: Report): void {
  const passed = judged.map(({ eventType, versions, compatibility }) => {
    const failed = new Set(findings.filter((finding) => finding.eventType === eventType).map(({ surface }) => surface));
    const surfaces = SURFACES.filter((surface) => !failed.has(surface)).join(', ');
    const range = versions.length < 2 ? `v${versions[0] ?? '?'}` : `v${versions[0]} to v${versions.at(-1)}`;
    const reason = compatibility?.reason === undefined ? '' : ` (${compatibility.reason})`;
    return ['ok', surfaces, eventType, `${range}, ${compatibility?.mode ?? DEFAULT_MODE}${reason}`];
  });
  print(
    findingsTable(
      findings,
      passed.filter(([, surfaces]) => surfaces !== ''),
    ),
  );
  for (const line of blastRadius(findings)) print(line);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const total = `${count(errors, 'error')}, ${count(findings.length - errors, 'warning')} in ${count(judged.length, 'event type')}`;
  print(`\n${paint(errors > 0 ? 'red' : 'green', total, process.stdout)}`);
}

/** The table of findings, with further rows after them. */
export function findingsTable(findings: readonly Finding[], more: readonly (readonly string[])[]): string {
  const rows = findings.map((finding) => [
    finding.accepted === undefined ? finding.severity : 'accepted',
    finding.rule,
    `${finding.eventType}${finding.version === undefined ? '' : ` v${finding.version}`} ${finding.path}`,
    details(finding),
  ]);
  return renderTable(['Result', 'Check', 'Field', 'Details'], [...rows, ...more]);
}

function details({ message, against, accepted }: Finding): string {
  const beside = against.length === 0 ? '' : ` (beside ${against.map((version) => `v${version}`).join(', ')})`;
  return `${message}${beside}${accepted === undefined ? '' : `; accepted: ${accepted}`}`;
}

/** Who is affected by what was found and what to do instead, a rule once. */
export function blastRadius(findings: readonly Finding[]): string[] {
  const rules = SURFACES.flatMap((surface) => [
    ...new Map(
      findings.filter((finding) => finding.surface === surface).map((finding) => [finding.rule, finding]),
    ).values(),
  ]);
  if (rules.length === 0) return [];
  return [
    `\n${paint('bold', 'Who is affected, and what to do instead', process.stdout)}`,
    ...rules.flatMap(({ rule, affected, advice }) => [
      `  ${rule}`,
      `    affected: ${affected}`,
      `    instead:  ${advice}`,
    ]),
  ];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** An event type is a suite, a rule a test case. */
function junit({ findings, judged }: Report): string {
  const suites = judged.map(({ eventType }) => {
    const own = findings.filter((finding) => finding.eventType === eventType);
    const cases = RULES.map(({ id }) => ({
      className: eventType,
      name: id,
      notes: own.filter(({ rule }) => rule === id).map(noteOf),
    }));
    return { name: eventType, cases };
  });
  return junitDocument('sluice schema check', suites);
}

function noteOf(finding: Finding): JunitNote {
  const message = `${finding.path}: ${details(finding)}`;
  const version = finding.version === undefined ? '' : `v${finding.version} `;
  const text = `${version}${message}\naffected: ${finding.affected}\ninstead: ${finding.advice}`;
  return { kind: finding.severity === 'error' ? 'failure' : 'output', message, text };
}

function annotation(finding: Finding, schemas: string): string {
  const { severity, rule, eventType, version, path, advice } = finding;
  const file = version === undefined ? undefined : join(schemas, schemaPath(eventType, version));
  const text = `${eventType} ${path}: ${printable(details(finding))}\n${advice}`;
  return annotationLine({ severity, file, title: rule, text });
}
