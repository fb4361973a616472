import t from 'tap'
import type { Manifest } from '../../src/apply.ts'
import { manifests } from '../../src/manifests/index.ts'
import type { Policy } from '../../src/names.ts'

interface Spec {
  failurePolicy: string
  matchConstraints: { resourceRules: { apiGroups: string[]; operations: string[]; resources: string[] }[] }
  matchConditions?: { expression: string }[]
  variables?: { name: string; expression: string }[]
  validations: { expression: string }[]
}

const all = manifests({ credential: 'token', kubeProxy: false })
/** The policy as it is applied. What a real API server makes of it is in test/contract/least-privilege and test/cluster/contract. */
const specOf = (policy: Policy): Spec => {
  const found = all.find(({ kind, metadata }) => kind === 'ValidatingAdmissionPolicy' && metadata.name === policy)
  return (found as Manifest & { spec: Spec }).spec
}
/** Expressions on one line each. */
const folded = (some: readonly { expression: string }[] = []): string[] =>
  some.map(({ expression }) => expression.replace(/\s+/g, ' '))
const validationsOf = (policy: Policy): string[] => folded(specOf(policy).validations)
const conditionsOf = (policy: Policy): string[] => folded(specOf(policy).matchConditions)
const variableOf = (policy: Policy, variable: string): string | undefined =>
  folded(specOf(policy).variables?.filter(({ name }) => name === variable))[0]

t.test('C4: the ban list is found by the name of the object, and others write nothing into it', async (t) => {
  const policy = 'joinery-ban-list'
  t.match(
    conditionsOf(policy),
    [
      /joinery-server' \|\| \(.*\(request.operation == 'DELETE' \? oldObject : object\).metadata.name == 'joinery-banned'\)$/
    ],
    'a deletion of all ConfigMaps has no name in its request'
  )
  t.match(variableOf(policy, 'mayGo'), /Terminating/)
  t.match(
    variableOf(policy, 'mayGo'),
    /'joinery.dev\/allow-deletion' in .* && authorizer.*resource\('namespaces'\).*check\('delete'\).allowed\(\)\)$/
  )
  t.match(validationsOf(policy), [
    /^!variables.isServer/,
    /isServer \|\| \(object.\?data == variables.data && .*joinery.dev\/generation'\] == variables.number\)$/,
    /^!variables.deletes \|\| variables.mayGo$/,
    /immutable.*binaryData.*ownerReferences.*finalizers/,
    /1024/
  ])
})

t.test('C5: the name of what operators ask for stays the one of the request', async (t) => {
  for (const policy of ['joinery-decisions', 'joinery-codes'] as const)
    t.ok(validationsOf(policy).includes('!variables.isSpec || object.metadata.name == request.name'), policy)
})

t.test('C6: a release lets a key in', async (t) => {
  t.match(variableOf('joinery-decisions', 'letsIn'), /\['approve', 'retry', 'replace', 'release'\]/)
})

t.test('C9: a joining machine makes requests that can be cleared away, by the names that kubelets give', async (t) => {
  const [signer, name, size, removable] = validationsOf('joinery-bootstrap-csrs')
  t.match(signer, /kube-apiserver-client-kubelet'$/)
  t.equal(size, 'object.spec.request.size() <= 16384')
  t.equal(removable, '!has(object.metadata.finalizers) && !has(object.metadata.ownerReferences)')
  const [, pattern = ''] = /^object.metadata.name.matches\('(.*)'\)$/.exec(name ?? '') ?? []
  for (const [text, isName] of [
    ['csr-x7k2p', true],
    ['node-csr-Ab_9-xYz', true],
    ['a'.repeat(253), true],
    ['a'.repeat(254), false],
    ['a b', false],
    ['a\u001b[2J', false],
    ['', false]
  ] as const)
    t.equal(new RegExp(pattern).test(text), isName, text.slice(0, 20))
})

t.test('C9: the server keeps no request either, neither its own nor one that it approves', async (t) => {
  t.ok(
    validationsOf('joinery-csrs').includes(
      "request.operation == 'DELETE' || (!has(object.metadata.finalizers) && !has(object.metadata.ownerReferences))"
    )
  )
  t.ok(
    validationsOf('joinery-csr-approvals').includes(
      'object.metadata.?finalizers == oldObject.metadata.?finalizers && object.metadata.?ownerReferences == oldObject.metadata.?ownerReferences'
    )
  )
})

t.test('C10: a banned node says nothing new', async (t) => {
  const refuses = (policy: Policy, group: string, resource: string, operation: string): boolean =>
    specOf(policy).matchConstraints.resourceRules.some(
      ({ apiGroups, resources, operations }) =>
        apiGroups.includes(group) && resources.includes(resource) && operations.includes(operation)
    )
  for (const [group, resource, ...operations] of [
    ['', 'pods', 'CREATE'],
    ['', 'events', 'CREATE', 'UPDATE'],
    ['events.k8s.io', 'events', 'CREATE', 'UPDATE'],
    ['coordination.k8s.io', 'leases', 'CREATE'],
    ['storage.k8s.io', 'csinodes', 'CREATE', 'UPDATE'],
    ['resource.k8s.io', 'resourceslices', 'CREATE', 'UPDATE'],
    ['', 'persistentvolumeclaims/status', 'UPDATE']
  ] as const)
    for (const operation of operations)
      t.ok(refuses('joinery-ban-reports', group, resource, operation), `${operation} ${resource} of ${group}`)
  const users = (policy: Policy) => specOf(policy).matchConditions?.map(({ expression }) => expression)
  t.same(
    users('joinery-ban-reports'),
    ["request.userInfo.username.startsWith('system:node:')"],
    'and others are let be'
  )
})

t.test("C11: the server's token is for the API server, and its Events are its own", async (t) => {
  t.match(validationsOf('joinery-token-renewal'), [
    /<= 604800$/,
    /^!variables.noted.hasValue\(\) \|\| .*audience in variables.noted.value\(\).split\(','\)\)$/
  ])
  t.match(validationsOf('joinery-events'), [/== 'joinery.dev\/joinery-server'$/, /== 'Node'/])
})
