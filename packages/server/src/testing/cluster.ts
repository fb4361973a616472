export {
  type BootstrapToken,
  type Cluster,
  type ClusterNode,
  type Csr,
  type LabelsAndTaints,
  notedAtMost
} from '../core/ports/cluster/cluster.ts'
export type { NodeImage } from '../core/ports/cluster/images/image-sight.ts'
export type { ContainerSight, NodeCondition, Toleration } from '../core/ports/cluster/node-sight.ts'
