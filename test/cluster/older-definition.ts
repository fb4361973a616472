import { definitions } from '@joinery/kube/door'

/** Schema of a definition, as far as it is bent here. */
interface Schema {
  type: string
  properties?: Record<string, Schema>
  items?: Schema
}

/** The same value without a bound, a pattern, a rule or a required field. */
const loose = ({ type, properties, items }: Schema): Schema => ({
  type,
  ...(properties && {
    properties: Object.fromEntries(Object.entries(properties).map(([field, one]) => [field, loose(one)]))
  }),
  ...(items && { items: loose(items) })
})

interface Definition {
  metadata: { name: string }
  spec: { versions: { schema: { openAPIV3Schema: Schema } }[] }
}

/**
 * The CustomResourceDefinition of this kind as an older version might have had it: nothing in `spec` is bounded or required, and
 * `node` is not known.
 */
export const olderDefinition = (plural: string): object => {
  const all = definitions as unknown as Definition[]
  const definition = structuredClone(all.find(({ metadata }) => metadata.name === `${plural}.joinery.dev`))
  if (definition === undefined) throw new Error(`there is no definition of ${plural}`)
  for (const { schema } of definition.spec.versions) {
    const { properties: { spec, ...others } = {} } = schema.openAPIV3Schema
    if (spec === undefined) throw new Error(`${plural} have no spec`)
    const older = loose(spec)
    delete older.properties?.node
    schema.openAPIV3Schema = { ...schema.openAPIV3Schema, properties: { ...others, spec: older } }
  }
  return definition
}
