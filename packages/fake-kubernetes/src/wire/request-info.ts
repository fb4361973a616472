import type { Asked } from '../identity/user.ts'

/** A request by its path and method, before anybody knows who asks. */
export type RequestInfo = Omit<Asked, 'user'>

const nothing = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '' }

/** Reads method and path as the API server does (apiserver, RequestInfoFactory). */
export const requestInfo = (method: string, url: URL): RequestInfo => {
  const parts = url.pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent)
  const [root, group = '', version = ''] = parts[0] === 'api' ? ['api', '', ...parts.slice(1)] : parts
  const rest = parts.slice(parts[0] === 'api' ? 2 : 3)
  if (!['api', 'apis'].includes(root ?? '') || version === '' || rest.length === 0)
    return { ...nothing, verb: method.toLowerCase(), path: url.pathname }
  const { namespace, resource, name, subresource } = placeOf(rest)
  const fieldSelector = url.searchParams.get('fieldSelector') ?? undefined
  const verb = verbOf(method, name, url.searchParams)
  const selected = /^(?:.*,)?metadata\.name==?([^,]+)(?:,|$)/.exec(fieldSelector ?? '')?.[1]
  return {
    ...nothing,
    verb,
    group,
    version,
    resource,
    subresource,
    namespace,
    name: name === '' && ['list', 'watch', 'deletecollection'].includes(verb) ? (selected ?? '') : name,
    ...(fieldSelector !== undefined && { fieldSelector })
  }
}

const placeOf = (rest: readonly string[]): Pick<RequestInfo, 'namespace' | 'resource' | 'name' | 'subresource'> => {
  const [first = '', second = '', third] = rest
  if (first !== 'namespaces' || second === '')
    return { namespace: '', resource: first, name: second, subresource: third ?? '' }
  // `namespaces/x`, and its subresources, are of the Namespace itself, and within it
  if (third === undefined || ['status', 'finalize'].includes(third))
    return { namespace: second, resource: first, name: second, subresource: third ?? '' }
  return { namespace: second, resource: third, name: rest[3] ?? '', subresource: rest[4] ?? '' }
}

const verbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch' }

const verbOf = (method: string, name: string, query: URLSearchParams): string => {
  if (method === 'DELETE') return name === '' ? 'deletecollection' : 'delete'
  if (method !== 'GET' && method !== 'HEAD') return verbs[method] ?? method.toLowerCase()
  if (['true', '1'].includes(query.get('watch') ?? '')) return 'watch'
  return name === '' ? 'list' : 'get'
}
