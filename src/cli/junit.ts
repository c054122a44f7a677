/** One test case of a suite, with what is to be said of it. */
export interface JunitCase {
  readonly className: string;
  readonly name: string;
  /** None where it has passed. */
  readonly notes: readonly JunitNote[];
}

export interface JunitNote {
  /** A failure fails its case, `skipped` says that it was not run, and output is only shown. */
  readonly kind: 'failure' | 'skipped' | 'output';
  readonly message: string;
  readonly text: string;
}

/**
 * Test suites as JUnit's XML, as continuous integration servers read it.
 * Source: the JUnit 4 schema of Apache Ant's junit task, as Jenkins and GitLab take it.
 */
export function junitDocument(
  name: string,
  suites: readonly { readonly name: string; readonly cases: readonly JunitCase[] }[],
): string {
  const texts = suites.map((suite) => {
    const count = (kind: JunitNote['kind']) =>
      suite.cases.filter(({ notes }) => notes.some((note) => note.kind === kind)).length;
    const skipped = count('skipped') === 0 ? '' : ` skipped="${count('skipped')}"`;
    const open = `  <testsuite name="${xml(suite.name)}" tests="${suite.cases.length}" failures="${count('failure')}"${skipped}>`;
    return `${open}\n${suite.cases.map(caseText).join('\n')}\n  </testsuite>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${xml(name)}">\n${texts.join('\n')}\n</testsuites>`;
}

function caseText({ className, name, notes }: JunitCase): string {
  const open = `    <testcase classname="${xml(className)}" name="${xml(name)}"`;
  return notes.length === 0 ? `${open}/>` : `${open}>\n${notes.map(noteText).join('\n')}\n    </testcase>`;
}

function noteText({ kind, message, text }: JunitNote): string {
  if (kind === 'output') return `      <system-out>${xml(text)}</system-out>`;
  return `      <${kind} message="${xml(message)}">${xml(text)}</${kind}>`;
}

function xml(text: string): string {
  const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  // XML has no way to write most control characters.
  return text
    .replace(/[&<>"]/g, (character) => names[character]!)
    .replace(/[^\t\n\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '�');
}
