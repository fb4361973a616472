/** The text of a JSON schema in docs/reference. */
export const schemaFile = (title: string, schema: object): string =>
  `${JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', title, ...schema }, undefined, 2)}\n`
