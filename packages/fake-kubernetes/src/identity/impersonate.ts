import { Refused } from '../objects/refused.ts'
import { requireAllowed } from './authorize.ts'
import type { Asked, Authorize, User } from './user.ts'

/** Headers by name in lower case. Values of one name may be joined by ", ", as Node.js joins them. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

const prefix = 'impersonate-extra-'
const nothing = { verb: 'impersonate', group: '', version: 'v1', subresource: '', namespace: '' }

/** Names who is meant: the user himself without such headers. Throws the 403 of a right that lacks (filters/impersonation). */
export const impersonate = (authorize: Authorize, user: User, headers: Headers): User => {
  const values = (name: string): string[] => [headers[name] ?? []].flat().flatMap((value) => value.split(', '))
  const [[username], [uid], groups] = [
    values('impersonate-user'),
    values('impersonate-uid'),
    values('impersonate-group')
  ]
  const extras = Object.keys(headers).filter((name) => name.startsWith(prefix))
  const extra = extras.map((name) => [decodeURIComponent(name.slice(prefix.length)), values(name)] as const)
  if (!username) {
    if (groups.length === 0 && extra.length === 0 && uid === undefined) return user
    throw new Refused(500, 'InternalError', 'Internal error occurred: requested to impersonate without a user')
  }
  const may = (resource: string, name: string, more: Partial<Asked> = {}): void =>
    requireAllowed(authorize, { ...nothing, ...more, resource, name, user })
  const group = 'authentication.k8s.io'
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? []
  if (namespace === undefined || account === undefined) may('users', username)
  else may('serviceaccounts', account, { namespace })
  for (const name of groups) may('groups', name)
  for (const [subresource, all] of extra) for (const name of all) may('userextras', name, { group, subresource })
  if (uid !== undefined) may('uids', uid, { group })
  const accounts = namespace === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
  const known = username === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated'
  const all = [...new Set([...(groups.length > 0 ? groups : accounts), known])]
  return { username, ...(uid !== undefined && { uid }), groups: all, extra: Object.fromEntries(extra) }
}
