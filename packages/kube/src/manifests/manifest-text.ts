import { type Document, isMap, isScalar, isSeq, parseAllDocuments, visit, type YAMLMap } from 'yaml'
import type { Manifest } from '../apply.ts'

/** The objects in the texts. Everybody has the same ones, and nobody can change them. */
export const objectsOf = (texts: readonly string[]): Manifest[] => texts.flatMap((text) => readOnce(text).objects)

/** The texts as one stream of YAML documents, with their comments. */
export const streamOf = (texts: readonly string[]): string =>
  texts.flatMap((text) => readOnce(text).documents.map(textOf)).join('---\n')

const textOf = (document: Document): string =>
  document.toString({ directives: false, flowCollectionPadding: false, indentSeq: false, lineWidth: 120 })

/** Labels of every object that setup and Git put into a cluster: people select and count by them. Nothing of ours reads them. */
const ownLabels = {
  'app.kubernetes.io/name': 'joinery',
  'app.kubernetes.io/managed-by': 'joinery',
  'app.kubernetes.io/part-of': 'joinery'
} as const

/** A look at the cluster compares it with the same thirty texts each time. */
const known = new Map<string, ReturnType<typeof read>>()
const readOnce = (text: string): ReturnType<typeof read> => {
  const found = known.get(text) ?? read(text)
  known.set(text, found)
  return found
}

/** The texts are YAML 1.2. They are printed with quotes around what YAML 1.1 takes for something else: kubectl reads that, where `off` is false. */
const read = (text: string): { documents: Document[]; objects: Manifest[] } => {
  const documents: Document[] = parseAllDocuments(text, { compat: 'yaml-1.1' })
  for (const one of documents) {
    for (const [label, value] of Object.entries(ownLabels)) one.setIn(['metadata', 'labels', label], value)
    if (one.get('kind') === 'ValidatingAdmissionPolicy') writeOutDefaults(one)
    // a field has a line of its own, where a change is easy to see
    visit(one, {
      Collection: (_, some) => {
        some.flow = some.items.every(isScalar)
      }
    })
  }
  return { documents, objects: documents.map((one) => frozen(one.toJS())) }
}

const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}

/**
 * Adds what the API server fills in where a policy is silent (pkg/apis/admissionregistration/v1/defaults.go). `matchConstraints` is atomic
 * for server-side apply: what a manifest leaves out there is a change at each apply, and a conflict with who applied it before.
 */
const writeOutDefaults = (policy: Document): void => {
  const constraints = policy.getIn(['spec', 'matchConstraints'])
  const rules = policy.getIn(['spec', 'matchConstraints', 'resourceRules'])
  if (!isMap(constraints) || !isSeq<YAMLMap>(rules))
    throw new Error(`no rules in ${policy.getIn(['metadata', 'name'])}`)
  const add = (to: YAMLMap, field: string, value: unknown): void => {
    if (!to.has(field)) to.set(field, policy.createNode(value))
  }
  for (const rule of rules.items) add(rule, 'scope', '*')
  add(constraints, 'matchPolicy', 'Equivalent')
  add(constraints, 'namespaceSelector', {})
  add(constraints, 'objectSelector', {})
}
