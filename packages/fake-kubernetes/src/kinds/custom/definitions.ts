import type { KubeObject } from '../../objects/kube-object.ts'
import { wholeSeconds } from '../../objects/objects.ts'
import type { Fault } from '../../objects/refused.ts'
import { invalidValue, when } from '../faults.ts'
import { textAt } from '../field-at.ts'
import { allVerbs, type Kind, type Write } from '../kind.ts'
import { judgeMetadata, metadataKeys } from '../metadata.ts'
import { settle } from '../settle.ts'
import { judgeCustom } from './judge.ts'
import { pruned, type Schema } from './schema.ts'

interface Version {
  name: string
  served?: boolean
  storage?: boolean
  schema?: { openAPIV3Schema?: Schema }
  subresources?: { status?: object }
  selectableFields?: { jsonPath: string }[]
}

interface Names {
  plural: string
  kind: string
  singular?: string
  listKind?: string
  shortNames?: string[]
  categories?: string[]
}

interface Definition extends KubeObject {
  spec: { group: string; scope: string; names: Names; versions: Version[]; conversion?: object }
  status: { storedVersions?: string[]; conditions?: { type: string; lastTransitionTime: string }[] }
}

/** Fills in the defaults, and says at once what the API server's own controllers say a moment later. */
export const prepareDefinition = (object: KubeObject, { before, subresource, now }: Write): void => {
  const next = object as Definition
  const { spec, status } = next
  const { names, versions } = spec
  if (subresource !== '' || names === undefined || versions === undefined) return
  const singular = names.kind.toLowerCase()
  const acceptedNames = { singular, listKind: `${names.kind}List`, ...names }
  const stored = [...(status.storedVersions ?? []), ...versions.flatMap(({ name, storage }) => (storage ? name : []))]
  const said = (type: string, reason: string, message: string) => {
    const earlier = status.conditions?.find((one) => one.type === type)
    const lastTransitionTime = earlier?.lastTransitionTime ?? wholeSeconds(now)
    return { type, status: 'True', lastTransitionTime, reason, message }
  }
  next.spec = { conversion: { strategy: 'None' }, ...spec, names: acceptedNames }
  next.status = {
    ...(before === undefined ? {} : status),
    ...{ acceptedNames, storedVersions: [...new Set(stored)] },
    conditions: [
      said('NamesAccepted', 'NoConflicts', 'no conflicts found'),
      said('Established', 'InitialNamesAccepted', 'the initial names have been accepted')
    ]
  }
}

export const judgeDefinition = (object: KubeObject): Fault[] => {
  const { metadata, spec } = object as Definition
  const storing = (spec.versions ?? []).filter(({ storage }) => storage)
  return [
    ...when(
      metadata.name !== `${spec.names?.plural}.${spec.group}`,
      invalidValue('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group')
    ),
    ...when(
      storing.length !== 1,
      invalidValue('spec.versions', spec.versions, 'must have exactly one version marked as storage version')
    )
  ]
}

const anything: Schema = { 'x-kubernetes-preserve-unknown-fields': true }

/** The kinds that a CustomResourceDefinition makes, one for each version that is served. */
export const kindsOf = (object: KubeObject): Kind[] => {
  const { spec } = object as Definition
  return spec.versions.filter(({ served }) => served).map((version) => kindOf(spec, version))
}

const kindOf = ({ group, scope, names }: Definition['spec'], version: Version): Kind => {
  const { plural, kind, singular = kind.toLowerCase(), shortNames = [], categories = [] } = names
  const schema = version.schema?.openAPIV3Schema ?? anything
  // the metadata is that of any object, whatever the schema says
  const known = {
    ...schema,
    properties: { ...schema.properties, apiVersion: anything, kind: anything, metadata: anything }
  }
  const hasStatus = version.subresources?.status !== undefined
  const paths = (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.slice(1))
  return {
    group,
    version: version.name,
    kind,
    singular,
    plural,
    shortNames,
    categories,
    namespaced: scope === 'Namespaced',
    subresources: hasStatus ? ['status'] : [],
    verbs: allVerbs,
    selectable: Object.fromEntries(paths.map((path) => [path, textAt(path)])),
    mergeKeys: metadataKeys,
    unknown: (sent) => {
      const unknown: string[] = []
      pruned(known, sent, unknown)
      return unknown
    },
    prepare: (next, write) => {
      const kept = pruned(known, next) as KubeObject
      for (const field of Object.keys(next)) if (!(field in kept)) delete next[field]
      Object.assign(next, kept)
      settle(next, write, { hasStatus, hasGeneration: true })
    },
    judge: (next, { before }) => [...judgeMetadata(next.metadata, 'subdomain'), ...judgeCustom(schema, next, before)]
  }
}
