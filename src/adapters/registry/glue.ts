import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateSchemaCommand,
  GetSchemaCommand,
  type GetSchemaResponse,
  GetSchemaVersionCommand,
  type GetSchemaVersionResponse,
  GetSchemaVersionsDiffCommand,
  ListSchemasCommand,
  RegisterSchemaVersionCommand,
} from '@aws-sdk/client-glue';
import { SluiceError } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RegisteredVersion, Registry } from '../../ports/registry.ts';
import { isEventType } from '../../schema/history.ts';
import { type GlueApi, type GlueApiOptions, glueApi } from './glue-api.ts';
import { holdVersions } from './held-versions.ts';
import { otherNumber, publishedAlready } from './publishing.ts';

export interface GlueRegistryOptions extends GlueApiOptions {
  /** By default, the system's. */
  readonly clock?: Clock | undefined;
  /** Waits between two looks at a version that Glue still judges. */
  readonly pause?: ((milliseconds: number) => Promise<unknown>) | undefined;
}

/** Replay reads every old version again. */
const COMPATIBILITY = 'BACKWARD_ALL';

/** The quota of a definition, in characters: the reference of RegisterSchemaVersion. */
const MAX_DEFINITION = 170_000;

/** Milliseconds that Glue gets to judge a version, and between two looks: first and most. */
const JUDGING_MS = { most: 30_000, firstPause: 100, mostPause: 3_000 };

/** Longest difference that a message quotes, in characters. */
const MAX_DIFF = 1_000;

/**
 * AWS Glue Schema Registry. A schema is called as its event type.
 *
 * Glue judges a version after it has taken it. One that it still judges is not there yet; one that it refused keeps its
 * number and is unreadable; one that was deleted is missing.
 */
export function openGlueRegistry(options: GlueRegistryOptions): Registry {
  const api = glueApi(options);
  const { clock = { now: Date.now }, pause = sleep } = options;
  const { registryName } = options;
  const schemaId = (eventType: string) => ({ RegistryName: registryName, SchemaName: eventType });
  const sourceOf = (eventType: string, version: number): string => `${api.place}/${eventType}/${version}`;

  const schemaOf = (eventType: string): Promise<GetSchemaResponse | undefined> =>
    api.ask((client, http) => client.send(new GetSchemaCommand({ SchemaId: schemaId(eventType) }), http));

  const held = holdVersions({
    mayHideLast: false,
    async newest(eventType) {
      const schema = await schemaOf(eventType);
      if (schema === undefined || schema.SchemaStatus === 'DELETING') return undefined;
      // A version that is judged or was refused may have a number above the latest.
      return Math.max(schema.LatestSchemaVersion ?? 0, (schema.NextSchemaVersion ?? 1) - 1);
    },
    async version(eventType, version) {
      const input = { SchemaId: schemaId(eventType), SchemaVersionNumber: { VersionNumber: version } };
      const answer = await api.ask((client, http) => client.send(new GetSchemaVersionCommand(input), http));
      return answer === undefined ? undefined : readVersion(answer, sourceOf(eventType, version), version);
    },
  });

  const create = async (eventType: string, text: string): Promise<string> => {
    const created = await api.ask((client, http) =>
      client.send(
        new CreateSchemaCommand({
          RegistryId: { RegistryName: registryName },
          SchemaName: eventType,
          DataFormat: 'AVRO',
          Compatibility: COMPATIBILITY,
          SchemaDefinition: text,
        }),
        http,
      ),
    );
    if (created === undefined) throw api.noRegistry();
    return created.SchemaVersionId ?? '';
  };

  /** @returns the id of the version; that of an earlier one where it has this text. */
  const add = async (eventType: string, text: string): Promise<string> => {
    const input = { SchemaId: schemaId(eventType), SchemaDefinition: text };
    const added = await api.ask((client, http) => client.send(new RegisterSchemaVersionCommand(input), http));
    return added === undefined ? create(eventType, text) : (added.SchemaVersionId ?? '');
  };

  /** The version once Glue has judged it, whatever it says. */
  const judged = async (eventType: string, id: string): Promise<GetSchemaVersionResponse> => {
    const end = clock.now() + JUDGING_MS.most;
    for (let delay = JUDGING_MS.firstPause; ; delay = Math.min(delay * 2, JUDGING_MS.mostPause)) {
      const input = { SchemaVersionId: id };
      const answer = await api.ask((client, http) => client.send(new GetSchemaVersionCommand(input), http));
      if (answer !== undefined && answer.Status !== 'PENDING') return answer;
      if (clock.now() + delay > end) {
        const why = `has not judged the new version of ${eventType} within ${JUDGING_MS.most / 1_000} s`;
        throw new SluiceError('SLUICE_REGISTRY_UNAVAILABLE', `${api.place} ${why}; publish it again to see`);
      }
      await pause(delay);
    }
  };

  return {
    async eventTypes() {
      const types: string[] = [];
      for (let page: string | undefined, first = true; first || page !== undefined; first = false) {
        const input = { RegistryId: { RegistryName: registryName }, NextToken: page };
        const answer = await api.ask((client, http) => client.send(new ListSchemasCommand(input), http));
        if (answer === undefined) throw api.noRegistry();
        for (const { SchemaName: name = '', SchemaStatus: status } of answer.Schemas ?? []) {
          if (isEventType(name) && status !== 'DELETING') types.push(name);
        }
        page = answer.NextToken || undefined;
      }
      return types.sort();
    },

    versions: async (eventType) => (isEventType(eventType) ? held.read(eventType) : []),

    async publish(eventType, version, definition) {
      const known = publishedAlready(eventType, await held.readAll(eventType), version, definition);
      if (known !== undefined) return { isNew: false, ids: known.ids };
      const text = JSON.stringify(definition);
      if (text.length > MAX_DEFINITION) {
        const why = `has ${text.length} characters, and Glue takes ${MAX_DEFINITION}; shorten its docs`;
        throw new SluiceError('SLUICE_REGISTRY_REFUSED', `the schema of ${eventType} ${why}`);
      }
      const answer = await judged(eventType, await add(eventType, text));
      if (answer.Status !== 'AVAILABLE') {
        throw new SluiceError(
          'SLUICE_REGISTRY_REFUSED',
          await refusal(api, eventType, answer, await schemaOf(eventType)),
        );
      }
      const number = answer.VersionNumber ?? 0;
      if (number !== version) throw otherNumber(eventType, version, number);
      const registered = readVersion(answer, sourceOf(eventType, number), number)!;
      held.hold(eventType, registered);
      return { isNew: true, ids: registered.ids };
    },
  };
}

/** What a version is to a reader; undefined while Glue judges it, and after it was deleted. */
function readVersion(answer: GetSchemaVersionResponse, source: string, version: number): RegisteredVersion | undefined {
  const { Status: status, SchemaVersionId: id, DataFormat: format, SchemaDefinition: text = '' } = answer;
  if (status === 'PENDING' || status === 'DELETING') return undefined;
  const common = { version, ids: id === undefined ? {} : { glue: id.toLowerCase() }, source };
  if (status === 'FAILURE') return { ...common, unreadable: 'Glue refused it' };
  if (format !== 'AVRO') return { ...common, unreadable: `its type is ${format}, and not AVRO` };
  try {
    return { ...common, definition: JSON.parse(text) };
  } catch (error) {
    return { ...common, unreadable: `its text is not JSON: ${(error as Error).message}` };
  }
}

/** Glue says only that it refuses: the rule is the schema's mode, and what changed is its own difference. */
async function refusal(
  api: GlueApi,
  eventType: string,
  refused: GetSchemaVersionResponse,
  schema: GetSchemaResponse | undefined,
): Promise<string> {
  const mode = schema?.Compatibility;
  const rule = mode === undefined ? '' : ` by its compatibility mode ${mode}`;
  const message = `${api.place} refuses the new version of ${eventType}${rule}`;
  const { VersionNumber: number } = refused;
  const latest = schema?.LatestSchemaVersion;
  if (number === undefined || latest === undefined || latest >= number) return message;
  const input = {
    SchemaId: { RegistryName: schema?.RegistryName, SchemaName: eventType },
    FirstSchemaVersionNumber: { VersionNumber: latest },
    SecondSchemaVersionNumber: { VersionNumber: number },
    SchemaDiffType: 'SYNTAX_DIFF' as const,
  };
  // The refusal stands without it.
  const answer = await api
    .ask((client, http) => client.send(new GetSchemaVersionsDiffCommand(input), http))
    .catch(() => undefined);
  const diff = answer?.Diff === undefined ? '' : `; beside v${latest}: ${answer.Diff.slice(0, MAX_DIFF)}`;
  return `${message}${diff}`;
}
