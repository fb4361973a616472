import { isDeepStrictEqual } from 'node:util'
import { credentialKinds } from '@joinery/protocol'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import type { Manifest } from '../../src/apply.ts'
import { manifestStream, manifests, outdated, serverAccount } from '../../src/manifests/index.ts'
import {
  banList,
  bannedLabel,
  controlPlaneCommandGroup,
  csrPolicy,
  kubeletSigner,
  namespace,
  serverUsername,
  serviceAccount,
  servingSigner,
  tokenGroups,
  tokenPolicy
} from '../../src/names.ts'

interface Rule {
  apiGroups?: string[]
  resources?: string[]
  resourceNames?: string[]
  nonResourceURLs?: string[]
  verbs: string[]
}
type Rbac = Manifest & { rules: Rule[] }
type Binding = Manifest & { roleRef: { kind: string; name: string }; subjects: { kind: string; name: string }[] }
type Policy = Manifest & { spec: { failurePolicy: string } }
interface Constraints {
  resourceRules: { scope: string }[]
  matchPolicy: string
  namespaceSelector: object
  objectSelector: object
}
type PolicyBinding = Manifest & { spec: { policyName: string; validationActions: string[]; paramRef?: object } }

const all = manifests({ credential: 'token', kubeProxy: true })
const ofKind = <T extends Manifest>(...kinds: string[]): T[] => all.filter(({ kind }) => kinds.includes(kind)) as T[]
const bindings = ofKind<Binding>('ClusterRoleBinding', 'RoleBinding')
/** Rights that setup binds. The ClusterRoles of operators are bound by nobody but the cluster's administrator. */
const bound = new Set(bindings.map(({ roleRef }) => roleRef.name))
const rules = ofKind<Rbac>('ClusterRole', 'Role')
  .filter(({ metadata }) => bound.has(metadata.name))
  .flatMap((role) => role.rules)

t.test('every manifest parses, and no two are the same object', async (t) => {
  const names = all.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)
  for (const { apiVersion, kind, metadata } of all)
    t.ok(apiVersion && kind && metadata.name, `${kind} ${metadata.name}`)
  t.equal(new Set(names).size, names.length)
})

t.test('O1: every version of YAML finds in the printed text what setup applies', async (t) => {
  const parts = { kubeProxy: true, serving: true, diagnosis: true, log: true }
  for (const credential of credentialKinds)
    for (const version of ['1.1', '1.2'] as const) {
      const printed = parseAllDocuments(manifestStream({ ...parts, credential }), { version })
      t.same(
        printed.flatMap(({ errors }) => errors),
        []
      )
      const read: Manifest[] = printed.map((one) => one.toJS())
      const applied = manifests({ ...parts, credential })
      t.equal(read.length, applied.length)
      for (const [at, one] of applied.entries())
        t.strictSame(read[at], one, `${one.kind} ${one.metadata.name} as YAML ${version}`)
    }
})

t.test('O3: each object can be selected by its labels', async (t) => {
  const everything = { kubeProxy: true, serving: true, diagnosis: true, log: true }
  for (const credential of credentialKinds)
    for (const { kind, metadata } of [...manifests({ ...everything, credential }), serverAccount()])
      t.match(
        metadata.labels,
        {
          'app.kubernetes.io/name': 'joinery',
          'app.kubernetes.io/managed-by': 'joinery',
          'app.kubernetes.io/part-of': 'joinery'
        },
        `${kind} ${metadata.name}`
      )
})

t.test('O2: a policy says itself what the API server would fill in, so that an apply changes nothing', async (t) => {
  const policies = ofKind<Manifest & { spec: { matchConstraints: Constraints } }>('ValidatingAdmissionPolicy')
  for (const { metadata, spec } of policies) {
    const { resourceRules, ...rest } = spec.matchConstraints
    t.same(Object.keys(rest).sort(), ['matchPolicy', 'namespaceSelector', 'objectSelector'], metadata.name)
    for (const rule of resourceRules) t.equal(rule.scope, '*', metadata.name)
  }
})

for (const group of tokenGroups) {
  t.test(`a member of ${group} is bound to what kubeadm join reads, and to no auto-approval`, async (t) => {
    const roles = bindings
      .filter(({ subjects }) => subjects.some(({ name }) => name === group))
      .map(({ roleRef }) => `${roleRef.kind} ${roleRef.name}`)
    t.strictSame(roles, [
      'ClusterRole system:node-bootstrapper',
      'ClusterRole kubeadm:get-nodes',
      'Role kubeadm:nodes-kubeadm-config',
      'Role kubeadm:kubelet-config',
      ...(group === controlPlaneCommandGroup ? ['Role joinery-kubeadm-certs'] : []),
      'Role kube-proxy'
    ])
  })
}

t.test('the Role kube-proxy is bound only if it exists', async (t) => {
  const bound = manifests({ credential: 'token', kubeProxy: false }).some(
    (object) => (object as Binding).roleRef?.name === 'kube-proxy'
  )
  t.notOk(bound)
})

t.test('only the server and joining machines get rights', async (t) => {
  const subjects = bindings.flatMap((binding) => binding.subjects.map(({ kind, name }) => `${kind} ${name}`))
  t.strictSame(
    [...new Set(subjects)].sort(),
    [...tokenGroups.map((name) => `Group ${name}`), `ServiceAccount ${serviceAccount}`].sort()
  )
})

t.test('a join command for a control plane may read one Secret, which is encrypted', async (t) => {
  const reading = ofKind<Rbac>('ClusterRole', 'Role').flatMap(({ metadata, rules }) =>
    rules
      .filter(
        ({ resources, verbs }) => resources?.includes('secrets') && verbs.some((verb) => /get|list|watch/.test(verb))
      )
      .map(({ resourceNames, verbs }) => [metadata.name, resourceNames, verbs])
  )
  t.strictSame(reading, [['joinery-kubeadm-certs', ['kubeadm-certs'], ['get']]])
  const bound = bindings.filter(({ roleRef }) => roleRef.name === 'joinery-kubeadm-certs')
  t.strictSame(
    bound.flatMap(({ subjects }) => subjects.map(({ name }) => name)),
    [controlPlaneCommandGroup]
  )
})

t.test('the server reads no Secret, and writes only what it must', async (t) => {
  for (const { resources, apiGroups, verbs } of rules) {
    t.notOk([...(resources ?? []), ...(apiGroups ?? []), ...verbs].includes('*'), 'no wildcard')
  }
  const writes = rules
    .filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)))
    .map(({ resources, resourceNames, verbs }) => [resources?.join(), resourceNames?.join() ?? '', verbs.join()])
  t.strictSame(writes.sort(), [
    ['certificatesigningrequests', '', 'get,list,watch,create,delete'],
    ['certificatesigningrequests/approval', '', 'update'],
    ['configmaps', banList, 'get,patch'],
    ['decisions,codes', '', 'create'],
    ['decisions,codes', '', 'get,list,watch,delete'],
    ['decisions/status,codes/status', '', 'update'],
    ['enrolments,installations', '', 'get,list,watch,create,update,delete'],
    ['enrolments/status,installations/status', '', 'update'],
    ['events', '', 'create'],
    ['leases', '', 'list,create,delete'],
    ['nodes', '', 'delete'],
    ['nodes', '', 'patch'],
    ['secrets', '', 'create,delete'],
    ['serviceaccounts/token', serviceAccount, 'create'],
    ['signers', kubeletSigner, 'approve'],
    ['subjectaccessreviews', '', 'create']
  ])
})

t.test('the server reads these ConfigMaps by name, and no other', async (t) => {
  const read = ofKind<Rbac>('ClusterRole', 'Role').flatMap(({ metadata, rules }) =>
    rules
      .filter(({ resources }) => resources?.includes('configmaps'))
      .map(({ resourceNames, verbs }) => [metadata.namespace, resourceNames?.join(), verbs.join()])
  )
  t.strictSame(read.sort(), [
    ['joinery-system', banList, 'get,patch'],
    ['kube-public', 'cluster-info', 'get'],
    ['kube-system', 'kubeadm-config,kubelet-config,kube-proxy', 'get']
  ])
})

/** Policies about what everybody does all the time. */
const failsOpen = ['joinery-ban-leases', 'joinery-ban-reports']

t.test(
  'every admission policy refuses and fails closed, except those of heartbeats and reports, which fail open',
  async (t) => {
    const policies = ofKind<Policy>('ValidatingAdmissionPolicy')
    const inForce = ofKind<PolicyBinding>('ValidatingAdmissionPolicyBinding')
    t.strictSame(
      inForce.map(({ spec }) => spec.policyName).sort(),
      policies.map(({ metadata }) => metadata.name).sort()
    )
    for (const { spec } of inForce) t.strictSame(spec.validationActions, ['Deny'], JSON.stringify(spec))
    for (const { metadata, spec } of policies) {
      t.equal(spec.failurePolicy, failsOpen.includes(metadata.name) ? 'Ignore' : 'Fail', metadata.name)
    }
  }
)

t.test('the policies read the ban list, which is applied without data', async (t) => {
  const paramRefs = ofKind<PolicyBinding>('ValidatingAdmissionPolicyBinding').flatMap(({ metadata, spec }) =>
    spec.paramRef === undefined ? [] : [[metadata.name, spec.paramRef] as const]
  )
  const list = { name: banList, namespace: 'joinery-system' }
  t.strictSame(Object.fromEntries(paramRefs), {
    'joinery-ban': { ...list, parameterNotFoundAction: 'Allow' },
    'joinery-ban-reports': { ...list, parameterNotFoundAction: 'Allow' },
    'joinery-node-deletions': { ...list, parameterNotFoundAction: 'Deny' }
  })
  const lists = ofKind<Manifest & { data?: object }>('ConfigMap')
  t.strictSame(
    lists.map(({ metadata, data }) => [metadata.name, data]),
    [[banList, undefined]],
    "data is the server's"
  )
})

t.test('the policy of heartbeats is only for Leases of Nodes with the label of the banned', (t) => {
  const [policy] = ofKind<Manifest & { spec: { matchConstraints: object; paramKind?: object } }>(
    'ValidatingAdmissionPolicy'
  ).filter(({ metadata }) => metadata.name === 'joinery-ban-leases')
  t.strictSame(policy?.spec.matchConstraints, {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-node-lease' } },
    objectSelector: { matchExpressions: [{ key: bannedLabel, operator: 'Exists' }] },
    resourceRules: [
      {
        apiGroups: ['coordination.k8s.io'],
        apiVersions: ['v1'],
        operations: ['UPDATE', 'DELETE'],
        resources: ['leases'],
        scope: '*'
      }
    ],
    matchPolicy: 'Equivalent'
  })
  t.equal(policy?.spec.paramKind, undefined, 'no list is read for it')
  t.end()
})

t.test('a policy that narrows a right is applied before the right', async (t) => {
  for (const credential of credentialKinds) {
    const made = manifests({ credential, kubeProxy: true })
    const kinds = made.map(({ kind }) => kind)
    const firstRight = kinds.findIndex((kind) => /Role/.test(kind))
    t.ok(kinds.lastIndexOf('ValidatingAdmissionPolicyBinding') < firstRight, credential)
    t.ok(
      made.some(({ kind, metadata }) => kind === 'ValidatingAdmissionPolicy' && metadata.name === 'joinery-nodes'),
      credential
    )
  }
})

t.test('a server that hands out certificates has no right to Secrets, and loses the one that it had', async (t) => {
  const without = manifests({ credential: 'certificate', kubeProxy: true })
  const rights = (without.filter(({ kind }) => /^(Cluster)?Role$/.test(kind)) as Rbac[]).flatMap((role) => role.rules)
  t.notOk(rights.some(({ resources }) => resources?.includes('secrets')))
  const granted = (without as Binding[]).flatMap(({ subjects = [] }) => subjects.map(({ name }) => name))
  t.strictSame([...new Set(granted)], [serviceAccount])

  const title = ({ kind, metadata }: Manifest) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`
  const kept = without.map(title)
  t.same(
    outdated({ credential: 'certificate', serving: true, diagnosis: true, log: true }).map(title).sort(),
    all
      .map(title)
      .filter((object) => !kept.includes(object))
      .sort()
  )
  const kinds = outdated({ credential: 'certificate' }).map(({ kind }) => kind)
  t.ok(kinds.lastIndexOf('Role') < kinds.indexOf('ValidatingAdmissionPolicyBinding'), 'the right goes first')
  t.same(outdated({ credential: 'token', serving: true, diagnosis: true, log: true }), [])
})

t.test('serving certificates are approved only if the server is set to, and the right goes if it is not', async (t) => {
  const serving = manifests({ credential: 'certificate', kubeProxy: false, serving: true })
  const others = manifests({ credential: 'certificate', kubeProxy: false })
  const added = serving.filter((object) => !others.some((other) => isDeepStrictEqual(object, other)))
  t.same(
    added.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    [
      'ValidatingAdmissionPolicy joinery-csr-approvals',
      'ClusterRole joinery-serving-certificates',
      'ClusterRoleBinding joinery-serving-certificates'
    ],
    'the policy is there before the right'
  )
  t.same((added[1] as Rbac).rules, [
    { apiGroups: ['certificates.k8s.io'], resources: ['signers'], resourceNames: [servingSigner], verbs: ['approve'] }
  ])
  t.notOk(JSON.stringify(others).includes(servingSigner), 'otherwise no object names the signer')
  for (const credential of credentialKinds) {
    t.same(
      outdated({ credential, log: true })
        .slice(0, 2)
        .map(({ kind, metadata }) => `${kind} ${metadata.name}`),
      ['ClusterRoleBinding joinery-serving-certificates', 'ClusterRole joinery-serving-certificates'],
      credential
    )
  }
})

t.test(
  'what says why a Node is not Ready is read only if the server is set to, and the right goes if it is not',
  async (t) => {
    const on = manifests({ credential: 'token', kubeProxy: false, diagnosis: true })
    const off = manifests({ credential: 'token', kubeProxy: false })
    const added = on.filter((object) => !off.some((other) => isDeepStrictEqual(object, other)))
    t.same(
      added.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`),
      [
        'ClusterRole /joinery-diagnosis',
        'ClusterRoleBinding /joinery-diagnosis',
        'Role kube-node-lease/joinery-diagnosis',
        'RoleBinding kube-node-lease/joinery-diagnosis'
      ]
    )
    const rules = (added as Rbac[]).flatMap((object) => object.rules ?? [])
    t.same(
      rules.map(({ resources, verbs }) => [resources?.join(), verbs.join()]),
      [
        ['daemonsets', 'list'],
        ['leases', 'get']
      ],
      'it reads, and nothing of Pods but what the server could list before'
    )
    for (const object of on)
      t.notOk(JSON.stringify(object).includes('pods/log'), `${object.kind} ${object.metadata.name}`)
    t.same(
      outdated({ credential: 'token', serving: true, log: true }).map(({ kind }) => kind),
      ['RoleBinding', 'Role', 'ClusterRoleBinding', 'ClusterRole'],
      'the binding goes before its role'
    )
  }
)

t.test('the objects have the names that the code uses', async (t) => {
  const has = (kind: string, name: string) =>
    all.some((object) => object.kind === kind && object.metadata.name === name)
  t.ok(has('Namespace', namespace))
  t.ok(has('ServiceAccount', serviceAccount))
  t.ok(has('ConfigMap', banList))
  t.ok(has('ValidatingAdmissionPolicy', tokenPolicy))
  t.ok(has('ValidatingAdmissionPolicy', csrPolicy))
  t.equal(serverUsername, `system:serviceaccount:${namespace}:${serviceAccount}`)
})
