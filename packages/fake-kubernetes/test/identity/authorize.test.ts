import t from 'tap'
import { authorizer, forbiddenText } from '../../src/identity/authorize.ts'
import { impersonate } from '../../src/identity/impersonate.ts'
import type { Asked, User } from '../../src/identity/user.ts'
import { Objects } from '../../src/objects/objects.ts'

const named = (plural: string, group = 'rbac.authorization.k8s.io') => ({ group, plural })
const meta = (name: string, namespace?: string) => ({
  metadata: { name, ...(namespace !== undefined && { namespace }), uid: '', resourceVersion: '', creationTimestamp: '' }
})
const rbacObject = (kind: string) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind })
const user = (username: string, ...groups: string[]): User => ({ username, groups, extra: {} })
const alice = user('alice', 'staff')
const nothing = { group: '', version: 'v1', resource: '', subresource: '', namespace: '', name: '' }
const ask = (who: User, verb: string, more: Partial<Asked>): Asked => ({ ...nothing, user: who, verb, ...more })

const open = () => {
  const objects = new Objects(() => new Date())
  const bind = (binding: string, rules: object[], subject: object, namespace?: string) => {
    const [prefix, role] = namespace === undefined ? ['cluster', 'ClusterRole'] : ['', 'Role']
    objects.create(named(`${prefix}roles`), { ...rbacObject(role), ...meta(`${binding}-role`, namespace), rules })
    const roleRef = { kind: role, name: `${binding}-role` }
    const object = { ...rbacObject(`${role}Binding`), ...meta(binding, namespace), roleRef, subjects: [subject] }
    objects.create(named(`${prefix}rolebindings`), object)
  }
  const { authorize } = authorizer(objects)
  return { objects, bind, authorize, may: (asked: Asked) => authorize(asked).allowed }
}

t.test('RBAC lets through what a rule of a bound role names', async (t) => {
  const { bind, may } = open()
  const core = { apiGroups: [''] }
  bind(
    'wide',
    [
      { ...core, verbs: ['get'], resources: ['pods', 'nodes/*', '*/scale'], resourceNames: [] },
      { ...core, verbs: ['*'], resources: ['secrets'], resourceNames: ['one'] },
      { verbs: ['get'], nonResourceURLs: ['/healthz', '/apis/*'] }
    ],
    { kind: 'Group', name: 'staff' }
  )
  bind('narrow', [{ ...core, verbs: ['create'], resources: ['pods/log'] }], { kind: 'User', name: 'alice' }, 'ns')
  const yes = [
    ask(alice, 'get', { resource: 'pods', namespace: 'any' }),
    ask(alice, 'get', { resource: 'any', subresource: 'scale' }),
    ask(alice, 'delete', { resource: 'secrets', name: 'one' }),
    ask(alice, 'get', { path: '/apis/apps' }),
    ask(alice, 'create', { resource: 'pods', subresource: 'log', namespace: 'ns' }),
    ask(user('root', 'system:masters'), 'any', { resource: 'any' })
  ]
  const no = [
    ask(alice, 'list', { resource: 'pods' }),
    ask(alice, 'get', { resource: 'pods', subresource: 'log' }),
    ask(alice, 'get', { resource: 'pods', group: 'apps' }),
    ask(alice, 'get', { path: '/healthz/x' }),
    ask(alice, 'create', { resource: 'pods', subresource: 'log', namespace: 'other' }),
    ask(user('bob'), 'get', { resource: 'pods' })
  ]
  for (const asked of yes) t.equal(may(asked), true, forbiddenText(asked))
  for (const asked of no) t.equal(may(asked), false, forbiddenText(asked))
})

t.test('RBAC says by which binding, and follows each change', async (t) => {
  const { objects, bind, authorize } = open()
  const rules = [{ apiGroups: [''], verbs: ['get'], resources: ['pods'] }]
  const asked = ask(user('system:serviceaccount:a:b'), 'get', { resource: 'pods', namespace: 'ns' })
  t.same(authorize(asked), { allowed: false })
  const before = objects.snapshot()
  bind('x', rules, { kind: 'ServiceAccount', name: 'b', namespace: 'a' }, 'ns')
  t.same(authorize(asked), {
    allowed: true,
    reason: 'RBAC: allowed by RoleBinding "x/ns" of Role "x-role" to ServiceAccount "b/a"'
  })
  bind('w', rules, { kind: 'ServiceAccount', name: 'b', namespace: 'a' })
  t.match(authorize(asked), {
    reason: 'RBAC: allowed by ClusterRoleBinding "w" of ClusterRole "w-role" to ServiceAccount "b/a"'
  })
  objects.delete(named('clusterroles'), 'w-role')
  objects.delete(named('rolebindings'), 'x', 'ns')
  t.same(authorize(asked), { allowed: false })
  bind('y', rules, { kind: 'ServiceAccount', name: 'b', namespace: 'a' })
  t.match(authorize(asked), { allowed: true })
  objects.restore(before)
  t.same(authorize(asked), { allowed: false }, 'also if the store is put back')
})

t.test('the refusal is in the words of the API server', async (t) => {
  const lease = { resource: 'leases', group: 'coordination.k8s.io', name: 'n', subresource: 'status', namespace: 'x' }
  t.equal(
    forbiddenText(ask(alice, 'get', lease), 'why'),
    'leases.coordination.k8s.io "n" is forbidden: User "alice" cannot get resource "leases/status" in API group "coordination.k8s.io" in the namespace "x": why'
  )
  t.equal(forbiddenText(ask(alice, 'get', { path: '/x' })), 'forbidden: User "alice" cannot get path "/x"')
})

t.test('a Node has rights to itself and to what its Pods refer to', async (t) => {
  const { objects, authorize } = open()
  const spec = {
    nodeName: 'a',
    containers: [{ env: [{ valueFrom: { secretKeyRef: { name: 'key' } } }] }],
    volumes: [{ projected: { sources: [{ configMap: { name: 'map' } }] } }]
  }
  objects.create(named('pods', ''), { apiVersion: 'v1', kind: 'Pod', ...meta('mine', 'ns'), spec })
  const node = user('system:node:a', 'system:nodes', 'system:authenticated')
  const of = (resource: string, name = '', more: Partial<Asked> = {}) => ({ resource, name, namespace: 'ns', ...more })
  const leases = { group: 'coordination.k8s.io', namespace: 'kube-node-lease' }
  const unrelated = "no relationship found between node 'a' and this object"
  const rows: [verb: string, asked: Partial<Asked>, reason?: string][] = [
    ['watch', of('secrets', 'key')],
    ['get', of('secrets', 'other'), unrelated],
    ['get', of('configmaps', 'map')],
    ['get', of('pods', 'mine')],
    ['list', of('pods', '', { fieldSelector: 'spec.nodeName=a' })],
    ['list', of('pods'), 'can only list/watch pods with spec.nodeName field selector'],
    ['create', of('pods', 'mine', { subresource: 'eviction' })],
    ['create', of('serviceaccounts', 'default', { subresource: 'token' })],
    ['create', of('serviceaccounts', 'other', { subresource: 'token' }), unrelated],
    ['get', { resource: 'nodes', name: 'a' }],
    ['list', { resource: 'nodes' }, "node 'a' cannot read all nodes, only its own Node object"],
    ['patch', { resource: 'nodes', name: 'b', subresource: 'status' }],
    ['delete', { resource: 'nodes', name: 'a' }, ''],
    ['update', { resource: 'leases', name: 'a', ...leases }],
    [
      'update',
      { resource: 'leases', name: 'b', ...leases },
      'can only access node lease with the same name as the requesting node'
    ],
    ['create', { resource: 'certificatesigningrequests', group: 'certificates.k8s.io' }],
    ['update', { resource: 'certificatesigningrequests', group: 'certificates.k8s.io' }, '']
  ]
  for (const [verb, asked, reason] of rows) {
    const verdict = authorize(ask(node, verb, asked))
    t.equal(verdict.allowed ? undefined : (verdict.reason ?? ''), reason, `${verb} ${JSON.stringify(asked)}`)
  }
})

t.test('nobody acts as another without the right to each of his names', async (t) => {
  const { bind, authorize } = open()
  const rules = [
    { apiGroups: [''], verbs: ['impersonate'], resources: ['users', 'groups', 'serviceaccounts'] },
    { apiGroups: ['authentication.k8s.io'], verbs: ['impersonate'], resources: ['userextras/scope'] }
  ]
  bind('i', rules, { kind: 'User', name: 'alice' })
  t.equal(impersonate(authorize, alice, {}), alice)
  const as = (headers: Record<string, string>) => impersonate(authorize, alice, headers)
  t.same(as({ 'impersonate-user': 'bob', 'impersonate-group': 'a, b', 'impersonate-extra-scope': 'x' }), {
    username: 'bob',
    groups: ['a', 'b', 'system:authenticated'],
    extra: { scope: ['x'] }
  })
  t.throws(() => as({ 'impersonate-user': 'bob', 'impersonate-uid': '1' }), { code: 403 })
  t.throws(() => impersonate(authorize, user('eve'), { 'impersonate-user': 'bob' }), {
    code: 403,
    message:
      'users "bob" is forbidden: User "eve" cannot impersonate resource "users" in API group "" at the cluster scope'
  })
})
