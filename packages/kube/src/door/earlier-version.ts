import type { Manifest } from '../apply.ts'
import { doorGroup, doorVersion, earlierVersion } from './kinds.ts'

interface Definition extends Manifest {
  spec: { versions: Version[] }
  status?: { storedVersions?: string[] }
}

interface Version {
  name: string
  subresources?: object
  schema: { openAPIV3Schema: { properties: Record<string, unknown> } }
}

/** True if the API server serves the kind in the version of before. */
export const servesEarlier = (live: Manifest): boolean =>
  (live as Definition).spec.versions.some(({ name }) => name === earlierVersion)

/** True if etcd may have objects of the kind in the version of before. */
export const storesEarlier = (live: Manifest): boolean =>
  (live as Definition).status?.storedVersions?.includes(earlierVersion) ?? false

/**
 * The definition of a kind as long as the version of before is served beside the present one, which is stored. Both have the same
 * schema: a version only gains fields.
 */
export const withEarlierVersion = (definition: Manifest): Manifest => {
  const { spec } = definition as Definition
  return {
    ...definition,
    spec: { ...spec, versions: spec.versions.flatMap((one) => [one, asBefore(one)]) }
  } as Manifest
}

const asBefore = ({ subresources, ...version }: Version): object => ({
  ...version,
  name: earlierVersion,
  storage: false,
  deprecated: true,
  deprecationWarning: `${doorGroup}/${earlierVersion} ends at the next joinery-server setup: use ${doorGroup}/${doorVersion}`,
  // a server of before writes its views whole: with a status apart, its writes would change nothing
  ...(subresources && 'spec' in version.schema.openAPIV3Schema.properties && { subresources })
})
