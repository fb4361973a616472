import type { ComponentPod } from '../sight.ts'
import { type ClusterCheck, comment, type Finding, listed, pass, skipped, wrong } from './check.ts'

export const nodeRestriction: ClusterCheck = {
  name: 'node-restriction',
  why: 'without it a kubelet may change the Nodes, labels and Pods of other machines: one approved machine could act as any of them',
  run: async (sight) => judgeNodeRestriction(await sight.controlPlane('kube-apiserver'))
}

const list = (text = ''): string[] => text.split(',').map((item) => item.trim())

export const judgeNodeRestriction = (pods: readonly ComponentPod[]): Finding => {
  if (pods.length === 0) return skipped('kube-system shows no Pod of kube-apiserver: its flags cannot be seen')
  const off = pods.filter(({ flags }) => !restricts(flags))
  const unauthorized = pods.filter(({ flags }) => !authorizesNodes(flags))
  if (off.length === 0 && unauthorized.length === 0) return pass(`NodeRestriction is on: ${names(pods)}`)
  const manifest = '/etc/kubernetes/manifests/kube-apiserver.yaml'
  return off.length > 0
    ? wrong(
        'fail',
        `NodeRestriction is off: ${names(off)}`,
        comment(`on its host, add NodeRestriction to --enable-admission-plugins in ${manifest}`)
      )
    : wrong(
        'fail',
        `the Node authorizer is off: ${names(unauthorized)}`,
        comment(`on its host, have --authorization-mode=Node,RBAC in ${manifest}`)
      )
}

/** True if NodeRestriction is on. It is not among the plugins that are on by default. */
const restricts = (flags: ComponentPod['flags']): boolean =>
  list(flags.get('enable-admission-plugins')).includes('NodeRestriction') &&
  !list(flags.get('disable-admission-plugins')).includes('NodeRestriction')

/** True if the Node authorizer is on, or may be: a file of authorizers cannot be seen. */
const authorizesNodes = (flags: ComponentPod['flags']): boolean =>
  flags.has('authorization-config') || list(flags.get('authorization-mode')).includes('Node')

const names = (pods: readonly ComponentPod[]): string => listed(pods.map(({ name }) => name))
