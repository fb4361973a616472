import type { Kind } from './kind.ts'

/** Kind and verbs of the answers of subresources that are not the object itself. */
const others: Readonly<Record<string, { group: string; version: string; kind: string }>> = {
  token: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
  eviction: { group: 'policy', version: 'v1', kind: 'Eviction' },
  binding: { group: '', version: 'v1', kind: 'Binding' }
}

const verbsOf = (subresource: string): string[] =>
  subresource in others ? ['create'] : subresource === 'finalize' ? ['update'] : ['get', 'patch', 'update']

const textOf = ({ group, version }: { group: string; version: string }): string =>
  group === '' ? version : `${group}/${version}`

const groupsOf = (kinds: readonly Kind[]): string[] => [...new Set(kinds.map(({ group }) => group))]

const versionsOf = (kinds: readonly Kind[], group: string): string[] => [
  ...new Set(kinds.filter((kind) => kind.group === group).map(({ version }) => version))
]

/**
 * The document of what the API server serves at this path, `/api`, `/apis` or below. Undefined if it serves no such group or version.
 */
export const discovery = (kinds: readonly Kind[], path: string): object | undefined => {
  const [root, ...names] = path.split('/').filter((part) => part !== '')
  const isCore = root === 'api'
  const served = kinds.filter(({ group }) => (group === '') === isCore)
  const [group = '', version] = isCore ? ['', ...names] : names
  if (names.length === 0) {
    if (isCore) return { kind: 'APIVersions', versions: versionsOf(served, ''), serverAddressByClientCIDRs: [] }
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(served).map((one) => groupOf(served, one)) }
  }
  const own = served.filter((kind) => kind.group === group && (version === undefined || kind.version === version))
  if (own.length === 0) return undefined
  if (version === undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(served, group) }
  const groupVersion = textOf({ group, version })
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: own.flatMap(resourcesOf) }
}

const groupOf = (kinds: readonly Kind[], group: string) => {
  const versions = versionsOf(kinds, group).map((version) => ({ groupVersion: textOf({ group, version }), version }))
  return { name: group, versions, preferredVersion: versions[0] }
}

const resourcesOf = ({ plural, singular, namespaced, kind, verbs, shortNames, categories, subresources }: Kind) => [
  { name: plural, singularName: singular, namespaced, kind, verbs, shortNames, categories },
  ...subresources.map((subresource) => {
    const answer = { kind, ...others[subresource], verbs: verbsOf(subresource) }
    return { name: `${plural}/${subresource}`, singularName: '', namespaced, ...answer }
  })
]
