import t from 'tap'
import type { Manifest } from '../src/apply.ts'
import { differences } from '../src/differences.ts'
import { judgeObjects } from '../src/doctor/checks/joinery/joinery-objects.ts'
import { manifests } from '../src/manifests/index.ts'

/** Parsed, so that each part can be changed. */
// biome-ignore lint/suspicious/noExplicitAny: an object of any kind
type Loose = any

const all = manifests({ credential: 'token', kubeProxy: true })
const named = (kind: string, name: string, namespace?: string): Manifest => {
  const found = all.find(
    (one) => one.kind === kind && one.metadata.name === name && one.metadata.namespace === namespace
  )
  if (found === undefined) throw new Error(`no ${kind} ${name}`)
  return found
}

/** As an API server gives it back: with its own fields and defaults. */
const asLive = (manifest: Manifest): Loose => {
  const live: Loose = structuredClone(manifest)
  live.metadata = { ...live.metadata, uid: 'u', resourceVersion: '1', creationTimestamp: new Date(), managedFields: [] }
  if (live.kind === 'Namespace')
    Object.assign(live, { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } })
  if (live.kind === 'ValidatingAdmissionPolicy') live.status = { observedGeneration: 1, typeChecking: {} }
  for (const subject of live.subjects ?? []) if (subject.kind === 'ServiceAccount') subject.apiGroup = ''
  return live
}

t.test('an addition by the API server is no difference', async (t) => {
  for (const manifest of all) t.same(differences(manifest, asLive(manifest)), [], JSON.stringify(manifest.metadata))
})

t.test('a field that somebody else fills is no difference', async (t) => {
  const [account, list] = [
    named('ServiceAccount', 'joinery-server', 'joinery-system'),
    named('ConfigMap', 'joinery-banned', 'joinery-system')
  ]
  t.same(differences(account, { ...asLive(account), secrets: [{ name: 'x' }] }), [])
  t.same(differences(list, { ...asLive(list), data: { 'worker-1': 'removed' } }), [])
  const role = named('ClusterRole', 'joinery-server')
  t.same(differences(role, { ...asLive(role), metadata: { ...role.metadata, labels: { team: 'a' } } }), [])
})

const policy = named('ValidatingAdmissionPolicy', 'joinery-bootstrap-tokens')
const inForce = named('ValidatingAdmissionPolicyBinding', 'joinery-bootstrap-tokens')
const role = named('ClusterRole', 'joinery-server')
const bound = named('RoleBinding', 'joinery-server', 'kube-system')
const bans = named('ConfigMap', 'joinery-banned', 'joinery-system')
const account = named('ServiceAccount', 'joinery-server', 'joinery-system')

const changes: [what: string, manifest: Manifest, change: (live: Loose) => void, fields: string[]][] = [
  [
    'a rule more',
    role,
    (live) => live.rules.push({ apiGroups: [''], resources: ['secrets'], verbs: ['*'] }),
    ['rules']
  ],
  ['a verb more', role, (live) => live.rules[0].verbs.push('delete'), ['rules']],
  ['a rule less', role, (live) => live.rules.pop(), ['rules']],
  [
    'rules gathered from other roles',
    role,
    (live) => Object.assign(live, { aggregationRule: { clusterRoleSelectors: [{}] } }),
    ['aggregationRule']
  ],
  [
    'a right that is bound to no name',
    role,
    (live) => Object.assign(live, { rules: live.rules.map(({ resourceNames: _, ...rule }: Loose) => rule) }),
    ['rules']
  ],
  ['another role', bound, (live) => Object.assign(live.roleRef, { name: 'admin' }), ['roleRef']],
  ['a subject more', bound, (live) => live.subjects.push({ kind: 'User', name: 'jane' }), ['subjects']],
  ['no subject', bound, (live) => delete live.subjects, ['subjects']],
  ['a validation less', policy, (live) => live.spec.validations.pop(), ['spec.validations']],
  [
    'an expression that always holds',
    policy,
    (live) => Object.assign(live.spec.validations[0], { expression: 'true' }),
    ['spec.validations']
  ],
  [
    'a policy that fails open',
    policy,
    (live) => Object.assign(live.spec, { failurePolicy: 'Ignore' }),
    ['spec.failurePolicy']
  ],
  [
    'a condition more',
    policy,
    (live) => live.spec.matchConditions.push({ name: 'never', expression: 'false' }),
    ['spec.matchConditions']
  ],
  [
    'an exception',
    policy,
    (live) => Object.assign(live.spec.matchConstraints, { excludeResourceRules: [{ resources: ['*'] }] }),
    ['spec.matchConstraints']
  ],
  [
    'a limit to some namespaces',
    policy,
    (live) => Object.assign(live.spec.matchConstraints, { namespaceSelector: { matchLabels: { a: 'b' } } }),
    ['spec.matchConstraints']
  ],
  [
    'a limit to requests of exactly that version',
    policy,
    (live) => Object.assign(live.spec.matchConstraints, { matchPolicy: 'Exact' }),
    ['spec.matchConstraints']
  ],
  [
    'a policy that warns and does not refuse',
    inForce,
    (live) => Object.assign(live.spec, { validationActions: ['Audit'] }),
    ['spec.validationActions']
  ],
  [
    'a policy that holds only for some objects',
    inForce,
    (live) => Object.assign(live.spec, { matchResources: { objectSelector: { matchLabels: { a: 'b' } } } }),
    ['spec.matchResources']
  ],
  ['a list that cannot be changed', bans, (live) => Object.assign(live, { immutable: true }), ['immutable']],
  [
    'a token for every Pod',
    account,
    (live) => Object.assign(live, { automountServiceAccountToken: true }),
    ['automountServiceAccountToken']
  ]
]

for (const [what, manifest, change, fields] of changes) {
  t.test(`${manifest.kind}: ${what} is a difference`, async (t) => {
    const live = asLive(manifest)
    change(live)
    t.same(differences(manifest, live), fields)
  })
}

const compared = () => all.map((manifest) => ({ manifest, live: asLive(manifest) as Manifest | undefined }))

t.test('objects that are all there and right are well', async (t) => {
  t.match(judgeObjects(compared(), { credential: 'token' }), {
    verdict: 'pass',
    finding: `${all.length} objects are as this version makes them for credential: token`
  })
})

t.test('the check of objects skips a cluster without Joinery', async (t) => {
  const found = judgeObjects(
    compared().map(({ manifest }) => ({ manifest, live: undefined })),
    { credential: 'certificate' }
  )
  t.match(found, { verdict: 'skipped', finding: 'Joinery is not set up in this cluster', changes: { length: 0 } })
})

t.test('an object that is missing or changed is named, and is made again in the order of setup', async (t) => {
  const found = judgeObjects(
    compared().map(({ manifest, live }) => {
      if (manifest === inForce) return { manifest, live: undefined }
      if (manifest === role) (live as Loose).rules.pop()
      return { manifest, live }
    }),
    { credential: 'token' }
  )
  t.match(found, {
    verdict: 'fail',
    finding:
      'validatingadmissionpolicybinding.admissionregistration.k8s.io/joinery-bootstrap-tokens missing; ' +
      'clusterrole.rbac.authorization.k8s.io/joinery-server changed: rules',
    remedy: ['joinery cluster harden']
  })
  t.same(
    found.changes.map((change) => change.verb === 'enforce' && change.manifest),
    [inForce, role]
  )
})
