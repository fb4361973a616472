import type { ClusterParts } from '@joinery/kube/manifests'
import type { ServerConfig } from './config.ts'

/** The parts of a cluster that a configuration decides about. Whether it has kube-proxy only the cluster knows. */
export type SetupParts = Required<Omit<ClusterParts, 'kubeProxy'>>

/** The parts that a server with this configuration needs. */
export const clusterPartsOf = ({
  credential,
  servingCertificates,
  diagnosis,
  store
}: Pick<ServerConfig, 'credential' | 'servingCertificates' | 'diagnosis' | 'store'>): SetupParts => ({
  credential,
  serving: servingCertificates === 'approve',
  diagnosis: diagnosis === 'on',
  log: store === 'cluster'
})
