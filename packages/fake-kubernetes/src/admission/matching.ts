import type { KubeObject } from '../objects/kube-object.ts'
import { objectSelector, type SelectorObject } from '../patches/selectors.ts'
import type { Operation } from './operation.ts'

type Texts = readonly string[]

type Rule = { scope?: string } & Partial<
  Record<'apiGroups' | 'apiVersions' | 'operations' | 'resources' | 'resourceNames', Texts>
>

/** Requests that a policy or a binding is about (admissionregistration, MatchResources). */
export interface MatchResources {
  resourceRules?: readonly Rule[]
  excludeResourceRules?: readonly Rule[]
  namespaceSelector?: SelectorObject
  objectSelector?: SelectorObject
}

/** True if the operation is matched (policy/matching/matching.go). `namespace`: if it is in one, or about one, that one. */
export const matches = (match: MatchResources, operation: Operation, namespace: KubeObject | undefined): boolean => {
  const {
    namespaceSelector: ofNamespaces = {},
    objectSelector: ofObjects = {},
    resourceRules = [],
    excludeResourceRules = []
  } = match
  return (
    (namespace === undefined || objectSelector(ofNamespaces)(namespace.metadata.labels)) &&
    [operation.object, operation.before].some((one) => one && objectSelector(ofObjects)(one.metadata.labels)) &&
    (resourceRules.length === 0 || resourceRules.some((rule) => names(rule, operation))) &&
    !excludeResourceRules.some((rule) => names(rule, operation))
  )
}

const includes = (all: Texts = [], one: string): boolean => all.includes('*') || all.includes(one)

const names = (rule: Rule, { operation, subresource, name, kind }: Operation): boolean =>
  includes(rule.apiGroups, kind.group) &&
  includes(rule.apiVersions, kind.version) &&
  includes(rule.operations, operation) &&
  (rule.resources ?? []).some((text) => {
    const [plural = '', of = ''] = text.split('/')
    return includes([plural], kind.plural) && includes([of], subresource)
  }) &&
  includes([rule.scope ?? '*'], kind.namespaced ? 'Namespaced' : 'Cluster') &&
  (!rule.resourceNames?.length || rule.resourceNames.includes(name))
