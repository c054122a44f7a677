/** What is shown beside a file of a pull request. */
export interface Annotation {
  readonly severity: 'error' | 'warning' | 'notice';
  /** Path of the file, where it is about one. */
  readonly file?: string | undefined;
  readonly title: string;
  readonly text: string;
}

/**
 * A line that GitHub Actions shows beside the file.
 * Source: GitHub documentation, "Workflow commands for GitHub Actions".
 */
export function annotationLine({ severity, file, title, text }: Annotation): string {
  const property = (value: string) => encoded(value).replaceAll(':', '%3A').replaceAll(',', '%2C');
  const where = file === undefined ? '' : `file=${property(file)},`;
  return `::${severity} ${where}title=${property(title)}::${encoded(text)}`;
}

function encoded(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
