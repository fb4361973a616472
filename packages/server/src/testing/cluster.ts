export {
  type BootstrapToken,
  type Cluster,
  type ClusterNode,
  type Csr,
  notedAtMost
} from '../core/ports/cluster/cluster.ts'
