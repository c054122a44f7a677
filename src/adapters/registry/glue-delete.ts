import { DeleteSchemaCommand } from '@aws-sdk/client-glue';
import { type GlueApiOptions, glueApi } from './glue-api.ts';

/**
 * Deletes a schema with all of its versions from a Glue registry; one that is not there is ignored. Records that were
 * written with it cannot be read any more, so this is no part of the port.
 *
 * @throws SluiceError SLUICE_REGISTRY_UNAVAILABLE
 */
export async function deleteGlueSchema(options: GlueApiOptions, eventType: string): Promise<void> {
  const input = { SchemaId: { RegistryName: options.registryName, SchemaName: eventType } };
  await glueApi(options).ask((client, http) => client.send(new DeleteSchemaCommand(input), http));
}
