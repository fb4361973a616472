import type { Static, TObject } from 'typebox'

/** The fields of a document that a schema names; no other field can reach an answer. Fields inside a field are left as they are. */
export const pick = <Schema extends TObject, Document extends object>(
  { properties }: Schema,
  document: Document
): Pick<Document, keyof Document & keyof Static<Schema>> =>
  Object.fromEntries(Object.entries(document).filter(([field]) => Object.hasOwn(properties, field))) as Pick<
    Document,
    keyof Document & keyof Static<Schema>
  >
