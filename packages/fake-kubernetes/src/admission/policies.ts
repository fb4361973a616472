import { toCel } from '../cel/cel.ts'
import type { Kind } from '../kinds/kind.ts'
import type { KubeObject } from '../objects/kube-object.ts'
import type { Objects } from '../objects/objects.ts'
import { type Fault, forbidden, Refused } from '../objects/refused.ts'
import { objectSelector, type SelectorObject } from '../patches/selectors.ts'
import { celObject, filled, type Variables } from './cel.ts'
import { judge, type Objection, type Policy } from './judge.ts'
import { type MatchResources, matches } from './matching.ts'
import type { Operation } from './operation.ts'
import { type Authorize, authorizerFor } from './question.ts'

interface Binding extends KubeObject {
  spec: {
    policyName: string
    paramRef?: { name?: string; namespace?: string; selector?: SelectorObject; parameterNotFoundAction?: string }
    matchResources?: MatchResources
    validationActions?: readonly string[]
  }
}

/** An objection, by whom it is, and what is done about it. */
type Handled = Objection & { by: string; actions: readonly string[] }

const group = 'admissionregistration.k8s.io'

/**
 * Judges operations by the stored ValidatingAdmissionPolicies (apiserver, policy/validating/dispatcher.go). Returns warnings, and throws
 * `Refused`. `paramsSeen` is what the API server's cache has of a stored parameter: an older version, or nothing.
 */
export const policyAdmission = (
  objects: Objects,
  authorize: Authorize,
  { paramsSeen = (param) => param }: { paramsSeen?: (param: KubeObject) => KubeObject | undefined } = {}
): ((operation: Operation) => string[]) => {
  /** The parameters of the binding, or why there are none (policy_dispatcher.go, CollectParams). Undefined stands for no parameter. */
  const paramsOf = (policy: Policy, { spec }: Binding, operation: Operation): (KubeObject | undefined)[] | string => {
    const { paramKind } = policy.spec
    if (paramKind === undefined || spec.paramRef === undefined) return [undefined]
    const { name, selector = {}, namespace = operation.namespace, parameterNotFoundAction } = spec.paramRef
    if (namespace === '')
      return 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources'
    const [, of = ''] = /^(.+)\//.exec(paramKind.apiVersion) ?? []
    const found = objects
      .list({ group: of, plural: `${paramKind.kind.toLowerCase()}s` }, namespace)
      .filter(({ metadata }) =>
        name === undefined ? objectSelector(selector)(metadata.labels) : metadata.name === name
      )
      .flatMap((param) => paramsSeen(param) ?? [])
    const isMissing = found.length === 0 && parameterNotFoundAction === 'Deny'
    return isMissing ? 'no params found for policy binding with `Deny` parameterNotFoundAction' : found
  }

  const objectionsOf = (policy: Policy, binding: Binding, operation: Operation, given: Variables): Handled[] => {
    const { policyName, validationActions: actions = [] } = binding.spec
    const by = `ValidatingAdmissionPolicy '${policyName}' with binding '${binding.metadata.name}'`
    const params = paramsOf(policy, binding, operation)
    if (typeof params === 'string') {
      const isIgnored = policy.spec.failurePolicy === 'Ignore'
      return [{ message: `failed to configure binding: ${params}`, by, actions: isIgnored ? [] : ['Deny'] }]
    }
    const objections = params.flatMap((param) => judge(policy.spec, { ...given, params: celObject(param) }))
    return objections.map((objection) => ({ ...objection, by, actions }))
  }

  const objectionsTo = (operation: Operation): Handled[] => {
    const { kind, object = operation.before } = operation
    const namespace = isNamespace(kind) ? object : objects.get({ group: '', plural: 'namespaces' }, operation.namespace)
    const isMatched = (match: MatchResources = {}): boolean => matches(match, operation, namespace)
    const policies = objects
      .list<Policy>({ group, plural: 'validatingadmissionpolicies' })
      .filter(({ spec }) => isMatched(spec.matchConstraints))
    if (policies.length === 0) return []
    const given = givenTo(authorize, operation, namespace)
    return objects
      .list<Binding>({ group, plural: 'validatingadmissionpolicybindings' })
      .filter(({ spec }) => isMatched(spec.matchResources))
      .flatMap((binding) => {
        const policy = policies.find(({ metadata }) => metadata.name === binding.spec.policyName)
        return policy === undefined ? [] : objectionsOf(policy, binding, operation, given)
      })
  }

  return (operation) => {
    const objections = isExempt(operation.kind) ? [] : objectionsTo(operation)
    const denied = objections.find(({ actions }) => actions.includes('Deny'))
    if (denied !== undefined) throw refusal(operation, denied)
    return objections.flatMap(({ by, message, actions }) =>
      actions.includes('Warn') ? `Validation failed for ${by}: ${message}` : []
    )
  }
}

/** Kinds that no policy sees: those of admission itself, and reviews (pkg/kubeapiserver/admission/exclusion/resources.go). */
const isExempt = (kind: Kind): boolean =>
  kind.group === group || (/^auth(entication|orization)\.k8s\.io$/.test(kind.group) && kind.plural.endsWith('reviews'))

const isNamespace = ({ group: own, plural }: Kind): boolean => own === '' && plural === 'namespaces'

const givenTo = (authorize: Authorize, operation: Operation, namespaced: KubeObject | undefined): Variables => {
  const { kind, user, subresource, name, namespace, dryRun, options } = operation
  const gvk = { group: kind.group, version: kind.version, kind: kind.kind }
  const gvr = { group: kind.group, version: kind.version, resource: kind.plural }
  const request = {
    ...{ kind: gvk, resource: gvr, subResource: subresource },
    ...{ requestKind: gvk, requestResource: gvr, requestSubResource: subresource },
    ...{ name, namespace, operation: operation.operation, userInfo: filled(user), dryRun, options }
  }
  return {
    object: celObject(operation.object),
    oldObject: celObject(operation.before),
    request: toCel(filled(request)),
    namespaceObject: isNamespace(kind) ? null : celObject(namespaced),
    authorizer: authorizerFor(authorize, user, { ...gvr, version: '*', subresource, namespace, name })
  }
}

/** Codes of the reasons that a validation may give (policy/validating/policy_decision.go). */
const codes: Readonly<Record<string, number>> = { Unauthorized: 401, Forbidden: 403, RequestEntityTooLarge: 413 }

const refusal = ({ kind, name, object }: Operation, { by, message: words, reason = 'Invalid' }: Handled): Refused => {
  const { name: own, generateName } = object?.metadata ?? {}
  const message = `${by} denied request: ${words}`
  const refused = forbidden(kind, name || own || generateName || 'Unknown', message)
  // the cause of a policy has a message and nothing else
  const causes = [{ message } as Fault]
  return new Refused(codes[reason] ?? 422, reason, refused.message, { ...refused.details, causes })
}
