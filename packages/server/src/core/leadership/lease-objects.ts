/**
 * The Lease of the servers of one installation: coordination.k8s.io/v1, `joinery-server` in the namespace joinery-system. Every
 * call rejects with `NotDone` (surely not carried out) or `OutcomeUnknown`.
 */
export interface LeaseObjects {
  /** Reads the Lease, with a quorum. Undefined if there is none. */
  read(): Promise<SeenLease | undefined>
  /** Creates the Lease if `version` is undefined, else puts it with this version. `other`: somebody else wrote. */
  write(lease: LeaseSpec, version: string | undefined): Promise<SeenLease | 'other'>
}

/** The Lease, as one server writes it. */
export interface LeaseSpec {
  /** Id of the process that has the Lease. Empty if it was released. */
  holder: string
  /** `leaseTransitions`: it grows by one each time that a server takes the Lease. */
  term: number
  /** Time of the last renewal, by the clock of the holder. Nobody trusts it. */
  renewed: string
  /** Time at which the holder took the Lease, by its own clock. */
  acquired: string
  /** Seconds for which others leave the Lease alone after they saw it change. */
  seconds: number
  /** https URL at which machines reach the holder: an annotation. */
  address: string
}

/** The Lease as it was read or written. */
export interface SeenLease {
  /** resourceVersion */
  version: string
  spec: LeaseSpec
}
