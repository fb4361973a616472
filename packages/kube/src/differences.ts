import { isDeepStrictEqual } from 'node:util'
import type { Manifest } from './apply.ts'

/**
 * Names of the fields in which the live object differs from the manifest, such as `rules` or `spec.validations`. A
 * field that the live object has more counts too, since an added condition or exception makes a policy refuse less.
 * Fields that the API server owns, or that others may fill, do not count.
 */
export const differences = (manifest: Manifest, live: Manifest): string[] => {
  const [wanted, found] = [content(manifest), content(live)]
  return [...new Set([...Object.keys(wanted), ...Object.keys(found)])]
    .filter((field) => !isDeepStrictEqual(wanted[field], found[field]))
    .sort()
}

/** Fields that others own, by kind. The data of the ban list is the server's. */
const othersFields: Record<string, readonly string[]> = {
  ConfigMap: ['data'],
  Namespace: ['spec'],
  ServiceAccount: ['secrets', 'imagePullSecrets']
}

/** Content by field. The fields of `spec` count one by one, so that a difference can be named. */
const content = ({ apiVersion: _, kind, metadata: __, ...rest }: Manifest): Record<string, unknown> => {
  const { spec = {}, status: ___, ...fields } = JSON.parse(JSON.stringify(rest)) as Record<string, unknown>
  const others = othersFields[kind] ?? []
  const named = Object.entries(fields).filter(([field]) => !others.includes(field))
  const inSpec = others.includes('spec')
    ? []
    : Object.entries(spec as object).map(([field, value]) => [`spec.${field}`, value])
  return Object.fromEntries([...named, ...inSpec].map(([field, value]) => [field, withoutDefaults(value)]))
}

/** True if the API server fills in this value for a manifest that is silent (pkg/apis/rbac/v1/defaults.go). */
const isDefault = (field: string, value: unknown): boolean =>
  field === 'apiGroup' && (value === '' || value === 'rbac.authorization.k8s.io')

const withoutDefaults = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutDefaults)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([field, inner]) => !isDefault(field, inner))
  return Object.fromEntries(kept.map(([field, inner]) => [field, withoutDefaults(inner)]))
}
