import { join } from 'node:path';
import { schemaPath } from '../../adapters/registry/folder.ts';
import type { Report } from '../../compatibility/check.ts';
import { DEFAULT_MODE } from '../../compatibility/mode.ts';
import { type Finding, SURFACES } from '../../compatibility/rule.ts';
import { RULES } from '../../compatibility/rules.ts';
import { SluiceError } from '../../errors.ts';
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

/** JUnit's XML: an event type is a suite, a rule a test case. */
function junit({ findings, judged }: Report): string {
  const suites = judged.map(({ eventType }) => {
    const own = findings.filter((finding) => finding.eventType === eventType);
    const cases = RULES.map(({ id }) => {
      const found = own.filter(({ rule }) => rule === id);
      const parts = found.map((finding) => {
        const text = `${finding.path}: ${details(finding)}`;
        const body = `${finding.version === undefined ? '' : `v${finding.version} `}${text}\naffected: ${finding.affected}\ninstead: ${finding.advice}`;
        return finding.severity === 'error'
          ? `      <failure message="${xml(text)}">${xml(body)}</failure>`
          : `      <system-out>${xml(body)}</system-out>`;
      });
      const open = `    <testcase classname="${xml(eventType)}" name="${id}"`;
      return parts.length === 0 ? `${open}/>` : `${open}>\n${parts.join('\n')}\n    </testcase>`;
    });
    const failures = new Set(own.filter(({ severity }) => severity === 'error').map(({ rule }) => rule)).size;
    const open = `  <testsuite name="${xml(eventType)}" tests="${RULES.length}" failures="${failures}">`;
    return `${open}\n${cases.join('\n')}\n  </testsuite>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="sluice schema check">\n${suites.join('\n')}\n</testsuites>`;
}

function xml(text: string): string {
  const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  // XML has no way to write most control characters.
  return text
    .replace(/[&<>"]/g, (character) => names[character]!)
    .replace(/[^\t\n\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '�');
}

/**
 * A line that GitHub Actions shows beside the file.
 * Source: GitHub documentation, "Workflow commands for GitHub Actions".
 */
function annotation(finding: Finding, schemas: string): string {
  const { severity, rule, eventType, version, path, advice } = finding;
  const property = (text: string) => command(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
  const file = version === undefined ? '' : `file=${property(join(schemas, schemaPath(eventType, version)))},`;
  const text = `${eventType} ${path}: ${printable(details(finding))}\n${advice}`;
  return `::${severity} ${file}title=${property(rule)}::${command(text)}`;
}

function command(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
