import type { Binding, ComponentPod, Subject, Token } from '@joinery/kube/doctor'

/** Objects as the doctor sees them, for tests. A test adds what it is about. */

export const now = new Date('2026-11-25T12:00:00Z')
export const hours = (count: number): Date => new Date(now.getTime() + count * 3600_000)

const identity = { uid: 'u-1', resourceVersion: '7' }

export const group = (name: string): Subject => ({ kind: 'Group', name })
export const user = (name: string): Subject => ({ kind: 'User', name })

export const clusterBinding = (name: string, role: string, ...subjects: Subject[]): Binding => ({
  kind: 'ClusterRoleBinding',
  namespace: '',
  name,
  ...identity,
  role: { kind: 'ClusterRole', name: role },
  subjects
})

export const binding = (namespace: string, name: string, role: string, ...subjects: Subject[]): Binding => ({
  ...clusterBinding(name, role, ...subjects),
  kind: 'RoleBinding',
  namespace,
  role: { kind: 'Role', name: role }
})

export const token = (id: string, differs: Partial<Token> = {}): Token => ({
  kind: 'Secret',
  namespace: 'kube-system',
  name: `bootstrap-token-${id}`,
  ...identity,
  id,
  created: now,
  expires: hours(24),
  usages: ['authentication', 'signing'],
  groups: ['system:bootstrappers:kubeadm:default-node-token'],
  ...differs
})

export const pod = (flags: Record<string, string>, name = 'kube-apiserver-cp-1'): ComponentPod => ({
  name,
  node: name.replace(/^kube-(apiserver|controller-manager)-/, ''),
  flags: new Map(Object.entries(flags))
})
