import * as protocol from '@joinery/protocol'

type Json = string | number | boolean | null | Json[] | JsonObject
interface JsonObject {
  [key: string]: Json
}

/** The names of the schemas that the protocol exports, by their text; of two with the same text the first one's. */
const names = new Map(
  Object.entries(protocol)
    .filter(([, value]) => typeof value === 'object' && ('properties' in value || 'anyOf' in value || 'items' in value))
    .map(([name, value]) => [JSON.stringify(value), name] as const)
    .toReversed()
)

/**
 * Puts a reference in place of each schema that the protocol exports by a name; `components` has those that were used. `open`: objects may have
 * fields that their schema does not name.
 */
export const schemaNames = ({ open }: { open: boolean }) => {
  const used = new Map<string, Json>()

  const reference = (one: Json): Json => {
    if (Array.isArray(one)) return one.map(reference)
    if (typeof one !== 'object' || one === null) return one
    const name = names.get(JSON.stringify(one))
    if (name === undefined) return inside(one)
    if (!used.has(name)) used.set(name, inside(one))
    return { $ref: `#/components/schemas/${name}` }
  }
  const inside = (one: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(one)
        .filter(([key, value]) => !(open && key === 'additionalProperties' && value === false))
        .map(([key, value]) => [key, reference(value)])
    )

  return {
    // as JSON has it: without what TypeBox keeps beside
    named: (schema: object): object => reference(JSON.parse(JSON.stringify(schema))) as JsonObject,
    components: (): object => Object.fromEntries([...used].sort(([one], [other]) => (one < other ? -1 : 1)))
  }
}
