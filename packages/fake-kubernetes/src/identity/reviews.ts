import type { KubeObject } from '../objects/kube-object.ts'
import type { Objects } from '../objects/objects.ts'
import { badRequest } from '../objects/refused.ts'
import { type AccountTokens, apiAudience } from './account-tokens.ts'
import type { Authenticator } from './authenticate.ts'
import { nodeOf } from './node-authorizer.ts'
import type { RuleAuthorizer } from './rbac.ts'
import type { WithSpec } from './resources.ts'
import { requestToken } from './token-request.ts'
import type { Asked, User } from './user.ts'

export interface ReviewParts {
  objects: Objects
  now(): Date
  authenticator: Authenticator
  authorizer: RuleAuthorizer
  tokens: AccountTokens
  /** Admission of a TokenRequest. Plugins that mutate see it as it was sent, those that validate with its defaults. */
  admit?(step: 'mutate' | 'validate', asked: Asked, object: KubeObject, isDryRun: boolean): void
}

/** Answers a review or a TokenRequest, which are not stored. Undefined for any other request. */
export type Review = (asked: Asked, body: string, query?: URLSearchParams) => object | undefined

type Spec = Readonly<Record<string, unknown>>

export const reviewer = (parts: ReviewParts): Review => {
  const { objects, now, authenticator, authorizer, tokens, admit } = parts

  const access = (spec: Spec, user: User): object => {
    const { resourceAttributes, nonResourceAttributes } = spec as Record<string, Partial<Asked> | undefined>
    const asked = { ...nothing, ...resourceAttributes, ...nonResourceAttributes, user }
    const { allowed, reason } = authorizer.authorize(asked)
    return { allowed, ...(reason && { reason }) }
  }
  const accessOfSomebody = (spec: Spec): object => {
    const { user: username = '', groups = [], extra = {} } = spec as Partial<User> & { user?: string }
    return access(spec, { username, groups, extra })
  }

  const answers: Readonly<Record<string, (spec: Spec, user: User) => object>> = {
    'SelfSubjectReview.authentication.k8s.io': (_, user) => ({ userInfo: shown(user) }),
    'TokenReview.authentication.k8s.io': ({ token }) => {
      try {
        const user = authenticator.authenticate({ bearer: String(token) })
        return { authenticated: true, user: shown(user), audiences: [apiAudience] }
      } catch {
        return { user: {}, error: 'invalid bearer token' }
      }
    },
    'SelfSubjectAccessReview.authorization.k8s.io': access,
    'SubjectAccessReview.authorization.k8s.io': accessOfSomebody,
    'LocalSubjectAccessReview.authorization.k8s.io': accessOfSomebody,
    'SelfSubjectRulesReview.authorization.k8s.io': ({ namespace }, user) => {
      const rules = authorizer.rules(user, String(namespace))
      return {
        resourceRules: rules.filter(({ resources }) => resources !== undefined),
        nonResourceRules: rules.filter(({ nonResourceURLs }) => nonResourceURLs !== undefined),
        incomplete: nodeOf(user) !== undefined
      }
    }
  }

  return (asked, body, query) => {
    const { verb, group, version, resource, subresource, user } = asked
    if (verb !== 'create') return undefined
    if (group === '' && `${resource}/${subresource}` === 'serviceaccounts/token') {
      const isDryRun = query?.getAll('dryRun').includes('All') ?? false
      const sent = read(body, 'TokenRequest', 'authentication.k8s.io/v1')
      admit?.('mutate', asked, sent, isDryRun)
      return requestToken(objects, tokens, asked, sent, now(), (filled) => admit?.('validate', asked, filled, isDryRun))
    }
    const isAsked = (name: string): boolean => name.toLowerCase().replace('.', 's.') === `${resource}.${group}`
    const [name, answer] = Object.entries(answers).find(([name]) => isAsked(name)) ?? []
    if (name === undefined || answer === undefined || subresource !== '') return undefined
    const sent = read(body, name.replace(/\..*/, ''), `${group}/${version}`)
    return { ...sent, status: answer(sent.spec ?? {}, user) }
  }
}

const nothing = { verb: '', group: '', version: '', resource: '', subresource: '', namespace: '', name: '' }

const shown = ({ extra, ...user }: User): object => ({ ...user, ...(Object.keys(extra).length > 0 && { extra }) })

const read = (body: string, kind: string, apiVersion: string): WithSpec => {
  try {
    const sent = JSON.parse(body) as WithSpec
    return { ...sent, apiVersion, kind, metadata: sent.metadata ?? {} }
  } catch {
    throw badRequest('the object provided is unrecognized (must be of type Object): it is no JSON')
  }
}
