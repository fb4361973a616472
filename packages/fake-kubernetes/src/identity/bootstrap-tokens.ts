import type { KubeObject } from '../objects/kube-object.ts'
import type { Objects } from '../objects/objects.ts'
import { secrets } from './resources.ts'
import type { User } from './user.ts'

type Secret = KubeObject & { type?: string; data?: Readonly<Record<string, string>> }

const extraGroup = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/

/** Names the holder of a bootstrap token. Undefined if it is none, or none that lets anybody in (authenticator/token/bootstrap). */
export const bootstrapUser = (objects: Objects, now: Date, bearer: string): User | undefined => {
  const [, id, secret] = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(bearer) ?? []
  const kept = objects.get<Secret>(secrets, `bootstrap-token-${id}`, 'kube-system')
  if (kept?.type !== 'bootstrap.kubernetes.io/token' || kept.metadata.deletionTimestamp !== undefined) return undefined
  const value = (key: string): string => Buffer.from(kept.data?.[key] ?? '', 'base64').toString()
  const [expiration, extra] = [value('expiration'), value('auth-extra-groups')]
  // a time that nobody can read is over
  const isLive = expiration === '' || Date.parse(expiration) > now.getTime()
  const isSame = value('token-secret') === secret && value('token-id') === id
  const groups = extra === '' ? [] : extra.split(',')
  const isFor = value('usage-bootstrap-authentication') === 'true' && groups.every((group) => extraGroup.test(group))
  if (!isLive || !isSame || !isFor) return undefined
  const all = [...new Set(['system:bootstrappers', ...groups])].sort()
  return { username: `system:bootstrap:${id}`, groups: all, extra: {} }
}
