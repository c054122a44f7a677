import { describe, expect, test } from 'vitest';
import { deriveLayout } from '../../src/derive/layout.ts';
import { deriveModel } from '../../src/derive/model.ts';
import { tableColumns } from '../../src/derive/table-columns.ts';
import { deriveTopic } from '../../src/derive/topic.ts';
import { deriveTypes } from '../../src/derive/types.ts';
import { type CliResult, sluice } from '../support/cli.ts';
import { historyOf, SCHEMAS } from '../support/schemas.ts';

const TYPE = 'seismic.earthquake';
const history = historyOf(TYPE);

/** What each artefact must show of itself. */
const ARTEFACTS: Readonly<Record<string, unknown>> = {
  model: deriveModel(history),
  table: expect.objectContaining({ Name: 'raw_seismic_earthquake', TableType: 'EXTERNAL_TABLE' }),
  columns: tableColumns(deriveLayout(history)),
  topic: deriveTopic(history),
  types: deriveTypes(history),
  openapi: expect.objectContaining({ openapi: expect.stringMatching(/^3\./) }),
};

describe.concurrent('sluice derive', () => {
  test('prints all artefacts of an event type as one document, with the contract that they are derived from', async () => {
    const result = await derive(TYPE, '--json');
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.json()).toEqual({ event_type: TYPE, contract: history.digest, ...json(ARTEFACTS) });
  });

  test('shows a person all artefacts, one after the other', async () => {
    const { exitCode, stdout } = await derive(TYPE);
    expect(exitCode).toBe(0);
    expect(stdout.match(/^── \w+ ──$/gm)).toEqual(Object.keys(ARTEFACTS).map((name) => `── ${name} ──`));
    expect(stdout).toContain(deriveTypes(history).trimEnd());
  });

  test.for(Object.entries(ARTEFACTS))('prints %s alone, as one document with --json', async ([name, artefact]) => {
    expect((await derive(TYPE, name, '--json')).json()).toEqual(json({ artefact }).artefact);
  });

  test('prints types as a file to import', async () => {
    expect(await derive(TYPE, 'types')).toMatchObject({ exitCode: 0, stdout: deriveTypes(history), stderr: '' });
  });

  test('shows a person the columns in a table, from position 0', async () => {
    const { stdout } = await derive(TYPE, 'columns');
    const positions = [...stdout.matchAll(/^│ +(\d+) │ (\S+)/gm)].map(([, position, name]) => `${position} ${name}`);
    expect(positions).toEqual(tableColumns(deriveLayout(history)).map(({ name }, position) => `${position} ${name}`));
  });

  test.for(['acme.order', '../schemas/seismic.earthquake', ''])(
    'of "%s", which has no schema, exits 2',
    async (type) => {
      const result = await derive(type, '--json');
      expect(result.exitCode).toBe(2);
      expect(result.json()).toMatchObject({ error: { code: 'SLUICE_EVENT_TYPE_UNKNOWN' } });
    },
  );
});

function derive(...args: string[]): Promise<CliResult> {
  return sluice(['derive', ...args, '--schemas', SCHEMAS]);
}

/** As a value looks that went through JSON; matchers stay what they are. */
function json(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const isMatcher = typeof value === 'object' && value !== null && 'asymmetricMatch' in value;
      return [name, isMatcher ? value : JSON.parse(JSON.stringify(value))];
    }),
  );
}
