import type { Objects } from '../objects/objects.ts'
import { Refused } from '../objects/refused.ts'
import { nodeAuthorizer } from './node-authorizer.ts'
import { type RuleAuthorizer, rbac } from './rbac.ts'
import type { Asked, Authorize } from './user.ts'

/** Makes the authorizers of an API server by kubeadm, one after the other: `--authorization-mode=Node,RBAC`. */
export const authorizer = (objects: Objects): RuleAuthorizer => {
  const [byNode, byRole] = [nodeAuthorizer(objects), rbac(objects)]
  return {
    rules: byRole.rules,
    authorize: (asked) => {
      if (asked.user.groups.includes('system:masters')) return { allowed: true }
      const first = byNode(asked)
      if (first.allowed) return first
      const { allowed, reason = first.reason } = byRole.authorize(asked)
      return { allowed, ...(reason && { reason }) }
    }
  }
}

/** The message of the 403 for a request that no authorizer allows (apiserver, handlers/responsewriters/errors.go). */
export const forbiddenText = (asked: Asked, reason = ''): string => {
  const { user, verb, path, group, resource, subresource, namespace, name } = asked
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const whole = subresource === '' ? resource : `${resource}/${subresource}`
  const what = path === undefined ? `resource "${whole}" in API group "${group}" ${where}` : `path "${path}"`
  const text = `User "${user.username}" cannot ${verb} ${what}`
  const object = `${resource}${group && `.${group}`}${name && ` "${name}"`} is `
  return `${path === undefined ? object : ''}forbidden: ${text}${reason && `: ${reason}`}`
}

/** Throws the 403 unless the request is allowed. */
export const requireAllowed = (authorize: Authorize, asked: Asked): void => {
  const { allowed, reason } = authorize(asked)
  if (allowed) return
  const { name, group, resource: kind } = asked
  const details = { ...(name && { name }), ...(group && { group }), ...(kind && { kind }) }
  throw new Refused(403, 'Forbidden', forbiddenText(asked, reason), details)
}
