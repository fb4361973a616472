import type { Kind } from '../kinds/kind.ts'
import type { KubeObject } from '../objects/kube-object.ts'
import { badRequest } from '../objects/refused.ts'

/** A label selector in an object (apimachinery, metav1.LabelSelector). */
export interface SelectorObject {
  matchLabels?: Readonly<Record<string, string>>
  matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[]
}

/** Selects by all of `matchLabels` and `matchExpressions`. An empty selector selects everything. */
export const objectSelector = ({ matchLabels = {}, matchExpressions = [] }: SelectorObject) => {
  const exact = Object.entries(matchLabels).map(([key, value]) => ({ key, operator: 'In', values: [value] }))
  return (labels: Readonly<Record<string, string>> = {}): boolean =>
    [...exact, ...matchExpressions].every(({ key, operator, values = [] }) => {
      const value = labels[key]
      const isThere = value !== undefined && (!operator.endsWith('In') || values.includes(value))
      return isThere === /^(In|Exists)$/.test(operator)
    })
}

/** Parses the label selector of a query: `a=b,c!=d,e in (x,y),!f`. */
export const labelSelector = (text: string) => {
  const terms = text.trim() === '' ? [] : text.split(/,(?![^(]*\))/)
  return objectSelector({ matchExpressions: terms.map((term) => requirementOf(term.trim())) })
}

const name = '[A-Za-z\\d](?:[-\\w.]{0,61}[A-Za-z\\d])?'
const key = `(?:[a-z\\d][-a-z\\d.]*/)?${name}`
const list = `\\(((?:\\s*(?:${name})?\\s*,)*\\s*(?:${name})?\\s*)\\)`
const term = new RegExp(`^(?:!\\s*(${key})|(${key})(?:\\s*(==?|!=)\\s*(${name}|)|\\s+(in|notin)\\s*${list})?)$`)

const requirementOf = (text: string) => {
  const found = term.exec(text)
  if (found === null) throw badRequest(`unable to parse requirement: <nil>: Invalid value: ${JSON.stringify(text)}`)
  const [, absent, present = '', equal, value = '', among, values = ''] = found
  if (absent !== undefined) return { key: absent, operator: 'DoesNotExist' }
  if (equal !== undefined) return { key: present, operator: equal === '!=' ? 'NotIn' : 'In', values: [value] }
  if (among === undefined) return { key: present, operator: 'Exists' }
  return { key: present, operator: among === 'in' ? 'In' : 'NotIn', values: values.split(',').map((one) => one.trim()) }
}

/** Parses the field selector of a query: `spec.nodeName=a,status.phase!=Failed`. Commas in values are escaped. */
export const fieldSelector = (kind: Kind, text: string): ((object: KubeObject) => boolean) => {
  const terms = (text.match(/(?:\\.|[^\\,])+/gs) ?? []).map((part) => {
    const [, field, operator, value = ''] = /^(.*?)(!=|==?)(.*)$/s.exec(part) ?? []
    if (field === undefined) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`)
    return { get: getterOf(kind, field), isEqual: operator !== '!=', wanted: value.replace(/\\([\\,=])/g, '$1') }
  })
  return (object) => terms.every(({ get, isEqual, wanted }) => isEqual === (get(object) === wanted))
}

const getterOf = ({ selectable, namespaced }: Kind, field: string): ((object: KubeObject) => string) => {
  if (field === 'metadata.name') return ({ metadata }) => metadata.name
  if (field === 'metadata.namespace' && namespaced) return ({ metadata }) => metadata.namespace ?? ''
  const found = Object.hasOwn(selectable, field) ? selectable[field] : undefined
  if (found === undefined) throw badRequest(`field label not supported: ${field}`)
  return found
}
