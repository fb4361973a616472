import type { KubeadmCerts } from '../sight.ts'
import { type ClusterCheck, type Finding, mendable, pass } from './check.ts'

export const kubeadmCerts: ClusterCheck = {
  name: 'kubeadm-certs',
  why: "it holds the cluster's CA keys: anybody who reads it and has the certificate key can be anybody in this cluster",
  run: async (sight) => judgeKubeadmCerts(await sight.kubeadmCerts())
}

const breaks =
  'kubeadm join --certificate-key finds no certificates until kubeadm init phase upload-certs --upload-certs is run again'

export const judgeKubeadmCerts = (secret: KubeadmCerts | undefined): Finding => {
  if (secret === undefined) return pass('there is no Secret kubeadm-certs')
  const since = `Secret kubeadm-certs lies in kube-system since ${secret.created.toISOString()}`
  const change = { verb: 'delete', object: secret, breaks } as const
  return secret.owned
    ? mendable('warn', `${since}; Kubernetes deletes it with the token that owns it`, [change])
    : mendable('fail', `${since}, and nothing deletes it`, [change])
}
