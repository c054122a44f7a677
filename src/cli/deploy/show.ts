import type { Change } from '../../deploy/changes.ts';
import { type DeployReport, SHARED, type TypeReport } from '../../deploy/report.ts';
import { paint, print, printable, printJson, renderTable } from '../terminal.ts';

/** Shows what a deployment does, for people or as one document. */
export function showReport(report: DeployReport, json: boolean): void {
  if (json) printJson(documentOf(report));
  else for (const line of linesOf(report)) print(line);
}

function documentOf({ ok, types }: DeployReport): object {
  return {
    ok,
    types: types.map(({ eventType, counts, changes, risks, allowed }) => ({
      event_type: eventType,
      ...counts,
      data_loss_allowed: allowed,
      data_at_risk: risks.map(({ path, loss, way }) => ({ resource: path, loss, way_out: way })),
      changes: changes.map(({ path, type, action, properties, maybe }) => {
        return { resource: path, type, action, properties, ...(maybe && { maybe }) };
      }),
    })),
  };
}

function linesOf({ ok, types }: DeployReport): string[] {
  if (types.length === 0) return ['Nothing changes.'];
  const table = renderTable(
    ['event type', 'created', 'changed', 'replaced', 'removed', 'data at risk'],
    types.map(({ eventType, counts, risks, allowed }) => [
      eventType === SHARED ? `(${SHARED})` : eventType,
      counts.created,
      counts.changed,
      counts.replaced,
      counts.removed,
      risks.length === 0 ? 'none' : `${risks.length}${allowed ? ', allowed' : ''}`,
    ]),
  );
  return [table, ...types.flatMap(detailsOf), ...types.flatMap(risksOf), '', verdict(ok, types)];
}

/** Created resources are only counted: there is nothing to say about them yet. */
function detailsOf({ eventType, changes, counts }: TypeReport): string[] {
  if (eventType !== SHARED && counts.removed === changes.length) {
    return [paint('yellow', `removed  ${eventType}, all of its ${changes.length} resources`, process.stdout)];
  }
  return changes.filter(({ action }) => action !== 'created').map(changeLine);
}

function changeLine({ action, maybe, path, type, properties }: Change): string {
  const what = properties.length === 0 ? '' : `: ${properties.join(', ')}`;
  const style = action === 'changed' ? 'dim' : 'yellow';
  return paint(style, printable(`${maybe ? 'may be ' : ''}${action}  ${path} (${type})${what}`), process.stdout);
}

function risksOf({ eventType, risks, allowed }: TypeReport): string[] {
  if (risks.length === 0) return [];
  const head = `\nData at risk, ${eventType}${allowed ? ' (allowed)' : ''}`;
  return [
    paint(['bold', allowed ? 'yellow' : 'red'], head, process.stdout),
    ...risks.flatMap(({ path, loss, way }) => [`  ${printable(path)}: ${printable(loss)}`, `    instead: ${way}`]),
  ];
}

function verdict(ok: boolean, types: readonly TypeReport[]): string {
  if (ok) return paint('green', 'No data is at risk that was not allowed.', process.stdout);
  const refused = types.filter(({ risks, allowed }) => risks.length > 0 && !allowed).map(({ eventType }) => eventType);
  const flags = refused.map((name) => `--allow-data-loss ${name}`).join(' ');
  return paint('red', `Refused. Where the data may go: ${flags}`, process.stdout);
}
