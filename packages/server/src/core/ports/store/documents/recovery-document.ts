import type { KubeletCertificate, RecoveryEvidence, RecoveryState } from '@joinery/protocol'

/** The way back of an enrolment: the last one, and what must be remembered for the next. */
export interface RecoveryDocument {
  state: RecoveryState
  /** Time at which this state of the way back began. */
  since: string
  /** Reason why it was refused, froze or ended, or why an operator is asked although a policy approves. */
  why?: string
  /** The last ask that was taken. */
  asked?: RecoveryEvidence
  /** The ask that did not fit, if the way back is frozen. */
  other?: RecoveryEvidence
  /**
   * SHA-256 of the counter's value that the machine has confirmed by asking with it, in hex. Absent if it has asked once at most.
   */
  confirmed?: string
  /** SHA-256 of the value that the machine named as the next one. Absent if there was no ask yet. */
  pending?: string
  /** True if the next ask is taken by whatever value, and an operator decides about it: an operator ended a freeze. */
  unfrozen?: true
  /** The approval that stands. `revision`: the one that an operator was shown. Absent if a policy approved. */
  approved?: { at: string; revision?: number }
  /** Number of the open attempt. */
  attempt?: number
  /** Time since which the Node is not Ready, as it was when the machine asked. */
  notReadySince?: string
  /** The Lease of the Node when the machine asked: the time of its renewal, or why it is not known. */
  lease?: string
  /** True if the machine asked while the cluster called its Node Ready, and its Lease was over. */
  silent?: true
  /** Times of the approvals by a policy, of the last year. */
  automatic?: string[]
  /** When each kind of refusal was told last. */
  told?: Record<string, string>
  /** The report of the agent before the open attempt, which counts again if the attempt fails. */
  reported?: { at: string; certificate: KubeletCertificate }
}

/** The kubelet's certificate that the server saw issued last for a Node. */
export interface SeenCertificate {
  serial: string
  notBefore: string
  notAfter: string
}
