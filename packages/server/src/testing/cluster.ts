export { type BootstrapToken, type Cluster, type ClusterNode, type Csr, notedAtMost } from '../cluster/cluster.ts'
