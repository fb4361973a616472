import { manifests } from '@joinery/kube/manifests'
import t from 'tap'
import { admission } from '../../src/admission/admit.ts'
import { compile } from '../../src/admission/cel.ts'
import type { Operation } from '../../src/admission/operation.ts'
import { policyAdmission } from '../../src/admission/policies.ts'
import type { Asked, Verdict } from '../../src/identity/user.ts'
import type { Kind } from '../../src/kinds/kind.ts'
import type { KubeObject } from '../../src/objects/kube-object.ts'
import { Objects } from '../../src/objects/objects.ts'
import type { Refused } from '../../src/objects/refused.ts'

const group = 'admissionregistration.k8s.io'
const rules = (resources: string[], more: object = {}) => ({
  resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['UPDATE', 'DELETE'], resources, ...more }]
})
const object = (metadata: object, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Any',
  metadata: { name: 'one', uid: '', resourceVersion: '', creationTimestamp: '', ...metadata },
  ...more
})
const kindOf = (plural: string, of = '', namespaced = false) =>
  ({ group: of, version: 'v1', kind: 'Any', plural, namespaced }) as Kind

const update: Operation = {
  operation: 'UPDATE',
  kind: kindOf('nodes'),
  subresource: '',
  name: 'one',
  namespace: '',
  user: { username: 'alice', groups: ['any'], extra: {} },
  object: object({ labels: { a: 'b' } }, { spec: { size: 3, part: 0.5 } }),
  before: object({ labels: {} }, { spec: { size: 2 } }),
  dryRun: false,
  options: {}
}

/** Objects with a policy, a binding of each spec, and others by their resources. */
const stored = (spec: object, bindings: readonly object[] = [{}], others: Record<string, KubeObject> = {}): Objects => {
  const objects = new Objects(() => new Date(0))
  const policy = object({ name: 'p' }, { spec: { matchConstraints: rules(['nodes']), ...spec } })
  objects.create({ group, plural: 'validatingadmissionpolicies' }, policy)
  for (const [index, more] of bindings.entries()) {
    const bound = { policyName: 'p', validationActions: ['Deny'], ...more }
    const binding = object({ name: `b${index}` }, { spec: bound })
    objects.create({ group, plural: 'validatingadmissionpolicybindings' }, binding)
  }
  for (const [plural, other] of Object.entries(others)) objects.create({ group: '', plural }, other)
  return objects
}
const nobody = (): Verdict => ({ allowed: false })
const refused = (
  objects: Objects,
  operation = update,
  judge = policyAdmission(objects, nobody)
): Refused | undefined => {
  try {
    judge(operation)
    return undefined
  } catch (error) {
    return error as Refused
  }
}
/** Words of the refusal after those that name policy and binding. */
const words = (objects: Objects, operation?: Operation): string | undefined =>
  refused(objects, operation)?.message.replace(/^.* denied request: /, '')
const never = { validations: [{ expression: 'false', message: 'no' }] }

t.test('a refusal is worded as that of the API server, and its code is that of the reason', (t) => {
  const message = "ValidatingAdmissionPolicy 'p' with binding 'b0' denied request: no"
  const answer = refused(stored(never))
  t.match(answer, { code: 422, reason: 'Invalid', message: `nodes "one" is forbidden: ${message}` })
  t.same(answer?.details, { name: 'one', kind: 'nodes', causes: [{ message }] })
  const spec = { validations: [{ expression: ' false ', reason: 'Forbidden' }] }
  t.match(refused(stored(spec)), { code: 403, message: /failed expression: false$/ })
  t.end()
})

const pod = { kind: kindOf('pods', '', true), namespace: 'there' }
const wasLabelled = { before: update.object as KubeObject, object: object({}) }
const labelled = { matchLabels: { a: 'b' } }
const unlabelled = { matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] }
const any = rules(['*'])
const matching: [string, object, Partial<Operation>, boolean][] = [
  ['its resource', rules(['nodes']), {}, true],
  ['another resource', rules(['nodes']), pod, false],
  ['a subresource that it does not name', rules(['nodes', '*']), { subresource: 'status' }, false],
  ['a subresource that it names', rules(['nodes/status']), { subresource: 'status' }, true],
  ['any subresource', rules(['*/*']), { subresource: 'status' }, true],
  ['another group', rules(['*'], { apiGroups: ['apps'] }), {}, false],
  ['another operation', rules(['*'], { operations: ['CREATE'] }), {}, false],
  ['another name', rules(['*'], { resourceNames: ['other'] }), {}, false],
  ['another scope', rules(['*'], { scope: 'Namespaced' }), {}, false],
  ['what it leaves out', { ...any, excludeResourceRules: rules(['nodes']).resourceRules }, {}, false],
  ['the labels of the object', { ...any, objectSelector: labelled }, {}, true],
  ['the labels that the object had', { ...any, objectSelector: labelled }, wasLabelled, true],
  [
    'other labels',
    { ...any, objectSelector: unlabelled },
    { ...wasLabelled, ...{ object: wasLabelled.before } },
    false
  ],
  ['the labels of the namespace', { ...any, namespaceSelector: labelled }, pod, true],
  ['another namespace', { ...any, namespaceSelector: unlabelled }, pod, false],
  ['an object in no namespace', { ...any, namespaceSelector: unlabelled }, {}, true],
  ['a policy', any, { kind: kindOf('validatingadmissionpolicies', group) }, false]
]
for (const [what, matchConstraints, operation, isAbout] of matching)
  t.test(`a policy is ${isAbout ? '' : 'not '}about ${what}`, (t) => {
    const namespaces = object({ name: 'there', labels: { a: 'b' } })
    const objects = stored({ ...never, matchConstraints }, [{}], { namespaces })
    t.equal(words(objects, { ...update, ...operation }), isAbout ? 'no' : undefined)
    t.end()
  })

const asks = "request.userInfo.username == 'alice' && !has(request.subResource) && !request.dryRun"
const variables = [
  { name: 'size', expression: 'object.spec.size' },
  { name: 'next', expression: 'variables.size + 1' },
  { name: 'none', expression: 'object.x' }
]
const [fails, passes] = ['object.x', 'false'].map((expression) => ({ name: expression, expression }))
const noKey = "expression 'object.x' resulted in error: no such key: x"
const saying = (messageExpression: string) => ({
  validations: [{ expression: 'false', message: 'no', messageExpression }]
})
const judging: [string, string, object, string | RegExp | undefined][] = [
  ['whole numbers are ints, and others are not', 'object.spec.size + 1 == 4 && object.spec.part < 1.0', {}, undefined],
  ['empty labels are none', "!has(oldObject.metadata.labels) && 'a' in object.metadata.labels", {}, undefined],
  ['optionals are equal by value', 'object.?x == oldObject.?x && object.?spec != oldObject.?spec', {}, undefined],
  ['the request tells who asks', `${asks} && namespaceObject == null`, {}, undefined],
  ['a missing field is an error', 'object.x', {}, noKey],
  ['an error is ignored by a policy that says so', 'object.x', { failurePolicy: 'Ignore' }, undefined],
  ['a refusal is not ignored', 'false', { failurePolicy: 'Ignore' }, 'no'],
  ['what does not compile is an error', 'object.', {}, /^compilation error: compilation failed: /],
  ['variables see those before them, and are evaluated when they are used', 'variables.next == 4', {}, undefined],
  [
    'a variable that fails is named',
    'variables.none',
    {},
    /error: composited variable "none" fails to evaluate: no such/
  ],
  ['no error counts beside a condition that is false', 'false', { matchConditions: [fails, passes] }, undefined],
  ['a condition that fails refuses', 'true', { matchConditions: [fails] }, noKey],
  ['a message is made by its expression', '', saying("' not ' + object.metadata.name "), 'not one'],
  ['no message is made by an expression that fails', '', saying('object.x'), 'no'],
  ['no message has several lines', '', saying("'a\\nb'"), 'no']
]
for (const [what, expression, more, expected] of judging)
  t.test(what, (t) => {
    const found = words(stored({ validations: [{ expression, message: 'no' }], variables, ...more }))
    if (expected instanceof RegExp) t.match(found, expected)
    else t.equal(found, expected)
    t.end()
  })

t.test('each binding does with a refusal what its actions say', (t) => {
  const judge = policyAdmission(
    stored(never, [{ validationActions: ['Audit'] }, { validationActions: ['Warn'] }]),
    nobody
  )
  t.same(judge(update), ["Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b1': no"])
  t.match(refused(stored(never, [{ matchResources: rules(['pods']) }, {}]))?.message, "with binding 'b1' denied")
  t.end()
})

t.test('a parameter is the one that the API server has seen, and its absence counts as the binding says', (t) => {
  const validations = [{ expression: "'one' in params.data" }]
  const spec = { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, validations }
  const to = (more: object) => [{ paramRef: { namespace: 'there', ...more } }]
  const configmaps = object({ name: 'list', namespace: 'there', labels: { a: 'b' } }, { data: { one: '' } })
  const denies = to({ name: 'list', parameterNotFoundAction: 'Deny' })
  const missing = 'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction'
  t.equal(words(stored(spec, denies, { configmaps })), undefined)
  t.equal(words(stored(spec, to({ selector: labelled }), { configmaps })), undefined)
  t.equal(words(stored(spec, to({ name: 'list', parameterNotFoundAction: 'Allow' }))), undefined)
  t.equal(words(stored(spec, denies)), missing)
  t.equal(words(stored({ ...spec, failurePolicy: 'Ignore' }, denies)), undefined)
  t.match(words(stored(spec, [{ paramRef: { name: 'list' } }])), /cannot use namespaced paramRef/)
  const objects = stored(spec, denies, { configmaps })
  const late = policyAdmission(objects, nobody, { paramsSeen: (seen) => ({ ...seen, data: {} }) })
  t.match(refused(objects, update, late)?.message, /no such key: data/)
  t.end()
})

t.test('an expression asks the authorizers for the user, and for a service account', (t) => {
  const asked: Asked[] = []
  const authorize = (one: Asked): Verdict => {
    asked.push(one)
    return { allowed: one.name === 'x', reason: 'why' }
  }
  const validations = [
    "group('g').resource('r').subresource('s').namespace('n').name('x').check('get').allowed()",
    "path('/p').check('post').reason() == 'why'",
    "serviceAccount('a', 'b').group('').resource('r').check('get').reason() == 'why'",
    "requestResource.check('own').reason() == 'why'"
  ].map((expression) => ({ expression: `authorizer.${expression}` }))
  t.same(policyAdmission(stored({ validations }), authorize)(update), [])
  t.match(asked, [
    {
      user: { username: 'alice' },
      verb: 'get',
      group: 'g',
      resource: 'r',
      subresource: 's',
      namespace: 'n',
      name: 'x'
    },
    { path: '/p', verb: 'post' },
    { user: { username: 'system:serviceaccount:a:b' } },
    { verb: 'own', resource: 'nodes', name: 'one' }
  ])
  t.end()
})

t.test('each expression of each policy that setup makes compiles', (t) => {
  const expressionsIn = (value: object): string[] =>
    Object.entries(value).flatMap(([key, part]) => {
      if (/^(messageE|e)xpression$/.test(key)) return [String(part)]
      return typeof part === 'object' && part !== null ? expressionsIn(part) : []
    })
  for (const serving of [true, false]) {
    const all = manifests({ credential: 'token', kubeProxy: true, serving, diagnosis: true, log: true })
    const expressions = all.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy').flatMap(expressionsIn)
    t.ok(expressions.length > 150)
    t.doesNotThrow(() => expressions.forEach(compile))
  }
  t.end()
})

t.test('operations are mutated, and validated by the plugins before the policies', (t) => {
  const order: string[] = []
  const called = (name: string) => () => void order.push(name)
  const { mutate, validate } = admission([called('mutating')], [called('validating')], () => [...order])
  mutate(update)
  t.same(validate(update), ['mutating', 'validating'])
  t.end()
})
