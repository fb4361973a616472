import type { Manifest } from '../../apply.ts'
import { configurationMaps, nodeConfiguration } from '../../node-configuration.ts'
import type { ClusterSight, ComponentPod } from '../sight.ts'
import { type ClusterCheck, comment, type Finding, listed, pass, skipped, wrong } from './check.ts'

export const kubeletCertificates: ClusterCheck = {
  name: 'kubelet-certificates',
  why: 'logs, exec and metrics go from the API server to kubelets: anybody who stands between them unnoticed reads those, and runs commands in Pods',
  async run(sight) {
    const [pods, serverTLSBootstrap] = await Promise.all([sight.controlPlane('kube-apiserver'), bootstraps(sight)])
    return judgeKubeletCertificates(pods, serverTLSBootstrap)
  }
}

const { name, key } = configurationMaps.kubelet
const kubeletConfig: Manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'kube-system' } }

/** True if kubelets that join ask the cluster for their serving certificates. */
const bootstraps = async (sight: ClusterSight): Promise<boolean> => {
  const map = (await sight.object(kubeletConfig)) as (Manifest & { data?: Record<string, string> }) | undefined
  return nodeConfiguration(map?.data?.[key] ?? '', '').kubelet?.serverTLSBootstrap === true
}

const manifest = '/etc/kubernetes/manifests/kube-apiserver.yaml'

export const judgeKubeletCertificates = (pods: readonly ComponentPod[], serverTLSBootstrap: boolean): Finding => {
  if (pods.length === 0) return skipped('kube-system shows no Pod of kube-apiserver: its flags cannot be seen')
  const trusting = pods.filter(({ flags }) => !flags.has('kubelet-certificate-authority'))
  if (trusting.length > 0) {
    const found = `kube-apiserver takes any certificate that a kubelet shows: ${listed(trusting.map(({ name }) => name))}`
    const add = `add --kubelet-certificate-authority=/etc/kubernetes/pki/ca.crt in ${manifest}, on each control-plane host`
    return serverTLSBootstrap
      ? wrong(
          'warn',
          `${found}; the serving certificates that the cluster issues protect nobody`,
          comment(`when every kubelet serves by a certificate of the cluster: ${add}`)
        )
      : wrong(
          'warn',
          found,
          comment(
            'have kubelets serve by a certificate of the cluster: serverTLSBootstrap, and somebody who approves their requests'
          ),
          comment(`after that, ${add}`)
        )
  }
  if (serverTLSBootstrap) return pass('kube-apiserver verifies kubelets, which ask the cluster for their certificate')
  return wrong(
    'warn',
    'kube-apiserver verifies kubelets, and kubelets that join sign their certificate themselves: their logs and exec fail',
    comment('set serverTLSBootstrap: true in ConfigMap kube-system/kubelet-config, and have their requests approved')
  )
}
