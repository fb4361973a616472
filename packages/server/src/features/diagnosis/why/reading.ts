import type { DaemonSetSight, NodeSight, PodSight } from '../../../core/ports/cluster/node-sight.ts'
import type { Knocked } from '../../../core/ports/dialler.ts'
import type { DiagnosisDocument } from '../../../core/ports/store/documents/enrolment-document.ts'

/** Everything that was read to say why one Node is not Ready. A part that could not be read is absent, and `unseen` says why. */
export interface Reading {
  name: string
  node: NodeSight
  /** Version of the API server. */
  apiVersion?: string
  /** Needs `diagnosis: on`, as `daemonSets` does. */
  pods?: PodSight
  daemonSets?: readonly DaemonSetSight[]
  /** Networks of the Pods of the other Nodes. */
  others: readonly { name: string; podCidrs: readonly string[] }[]
  /** Requests of its kubelet for a serving certificate that nobody has answered. */
  servingCsrs: readonly { name: string; created: Date }[]
  /** Reason of the ban of its name. Absent if the name is not banned. */
  banned?: string
  /** Answer of the machine to a call from the server, at the address where the server sees it. Absent if nobody called. */
  knock?: { address: string; answer: Knocked }
  /** True if the agent of the machine waits at the pairing server now. */
  isPolling?: boolean
  /** End of the kubelet's certificate that the cluster issued last, as far as the server knows. */
  certificateExpires?: Date
  /** Sentences about what could not be read. */
  unseen: readonly string[]
}

/** The last report of a machine about its Node that is not Ready. */
export type Reported = NonNullable<DiagnosisDocument['reported']>
