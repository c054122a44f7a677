import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wireFaults } from '../../src/compatibility/candidate.ts';
import { checkSchemas } from '../../src/compatibility/check.ts';
import { readVersion } from '../../src/compatibility/files.ts';
import { compatibilityOf, MODES, type Mode } from '../../src/compatibility/mode.ts';
import { type SchemaVersion, schemaVersion } from '../../src/schema/history.ts';
import { schemaFolder } from '../support/schema-folders.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const folders = readdirSync(FIXTURES).flatMap((rule) => ['fires', 'silent'].map((kind) => join(rule, kind, 'schemas')));

describe('what may become the next version', () => {
  it.each(folders)('is judged as the check judges the wire in %s', (folder) => {
    for (const files of schemaFolder(join(FIXTURES, folder))) {
      const versions: SchemaVersion[] = [];
      for (const file of files.versions) {
        const read = readVersion(files.eventType, file);
        if (!('message' in read)) versions.push(read);
      }
      const candidate = versions.pop();
      if (candidate === undefined) continue;
      const places = wireFaults(versions, candidate, compatibilityOf(candidate.definition)).map(
        ({ rule, path, against }) => `${rule} ${path} v${against}`,
      );
      const { findings } = checkSchemas([files]);
      const expected = findings
        .filter(
          ({ surface, severity, version }) =>
            surface === 'WIRE' && severity === 'error' && version === candidate.version,
        )
        .flatMap(({ rule, path, against }) => against.map((version) => `${rule} ${path} v${version}`));
      expect(places.sort()).toEqual(expected.sort());
    }
  });

  const version = (number: number, ...fields: readonly object[]) =>
    schemaVersion('a.b', number, { type: 'record', name: 'Event', fields });
  // v3 has lost a default that events of v1 need, and a field that old readers cannot do without.
  const earlier = [
    version(1, { name: 'kept', type: 'string' }),
    version(2, { name: 'kept', type: 'string' }, { name: 'new', type: 'int', default: 0 }),
  ];
  const candidate = version(3, { name: 'new', type: 'int' });

  it.each(Object.keys(MODES) as Mode[])(
    'is held to %s where a reason is given, and to the default where none is',
    (mode) => {
      const judged = (reason: string | undefined) => {
        const faults = wireFaults(earlier, candidate, { mode, reason, fault: undefined });
        const against = (rule: string) => faults.filter((fault) => fault.rule === rule).map((fault) => fault.against);
        return [against('WIRE_NEW_FIELD_HAS_DEFAULT'), against('WIRE_OLD_READERS_READ_NEW')];
      };
      const { backward, forward } = MODES[mode];
      const old = { none: [], latest: [2], all: [1, 2] }[forward];
      // v2 has the field, so that only who looks back to v1 minds.
      expect(judged('because')).toEqual([backward === 'all' ? [1] : [], old]);
      expect(judged(undefined)).toEqual([[1], old]);
    },
  );
});
