import { Command, InvalidArgumentError } from 'commander';
import { literal } from '../derive/sql-text.ts';
import { SluiceError } from '../errors.ts';
import { type CommonOptions, newCommand } from './options.ts';
import { withSql } from './query.ts';
import { recoverCommand } from './recover.ts';
import { paint, print, printable, printJson, renderTable } from './terminal.ts';

interface ListOptions extends CommonOptions {
  readonly type?: string;
  readonly stage?: string;
  readonly all?: true;
  readonly limit: number;
}

/** `sluice failed`: the events that no retry could help, as they were found. */
export function failedCommand(): Command {
  // They take the options that all commands share; taken here as well, they would never reach them.
  return new Command('failed')
    .description('look at the events that failed, and send them again')
    .helpCommand(false)
    .addCommand(
      newCommand('list', 'list failed events, the newest first', [
        'sluice failed list --json',
        'sluice failed list --type aviation.flight --stage produce',
      ])
        .option('--type <type>', 'of one event type only')
        .option('--stage <stage>', 'of one stage only: queue, produce, consume or transform')
        .option('--all', 'those that were sent again, too')
        .option('--limit <n>', 'at most so many', wholeNumber, 50)
        .action(list),
    )
    .addCommand(
      newCommand('show', 'show one failed event whole, payload included', [
        'sluice failed show seismic.earthquake/0/17',
        'sluice failed show message/1f0c2a7b-42 --json',
      ])
        .argument('<id>', 'as "failed list" prints it')
        .action(show),
    )
    .addCommand(recoverCommand());
}

async function list(options: ListOptions): Promise<void> {
  const conditions = [
    options.all === true ? 'true' : 'recovered_at IS NULL',
    options.type === undefined ? 'true' : `event_type = ${literal(options.type)}`,
    options.stage === undefined ? 'true' : `stage = ${literal(options.stage)}`,
  ];
  const columns = ['id', 'failed_at', 'stage', 'code', 'event_type', 'path', 'reason'];
  if (options.all) columns.push('recovered_at');
  const { rows } = await withSql(options, (sql) =>
    sql.query(
      `SELECT ${columns.join(', ')} FROM failed_events WHERE ${conditions.join(' AND ')} ` +
        `ORDER BY failed_at DESC, id LIMIT ${options.limit}`,
    ),
  );
  if (options.json) printJson(rows);
  else if (rows.length === 0) print('no failed events');
  else
    print(
      renderTable(
        columns,
        rows.map((row) => columns.map((name) => row[name])),
      ),
    );
}

/** Column at which values stand, behind the longest name. */
const INDENT = 'payload_encoding  '.length;

async function show(id: string, options: CommonOptions): Promise<void> {
  const { rows } = await withSql(options, (sql) => sql.query(`SELECT * FROM failed_events WHERE id = ${literal(id)}`));
  const [row] = rows;
  if (row === undefined) {
    throw new SluiceError('SLUICE_USAGE', `no failed event is called ${id}; "sluice failed list" shows them`);
  }
  if (options.json) {
    printJson(row);
    return;
  }
  for (const [name, value] of Object.entries(row)) {
    const lines = String(value).split('\n').map(printable);
    print(`${paint('bold', name.padEnd(INDENT), process.stdout)}${lines.join(`\n${' '.repeat(INDENT)}`)}`);
  }
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number of at least 1.');
}
