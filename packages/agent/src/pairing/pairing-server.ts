import type {
  CausesRequest,
  ClaimRequest,
  ClusterFacts,
  Credential,
  EnrolRequest,
  Observation,
  OutcomeRequest,
  ProblemCode,
  ProgressRequest,
  Reachability,
  ReachabilityRequest,
  RecoveryClaimRequest,
  RecoveryCredential,
  RecoveryRequest,
  SeenEnrolment
} from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'

/** The pairing server as the agent calls it (design section 4). Methods throw a NoResult: Refused or Unreachable. */
export interface PairingServer {
  enrol(request: EnrolRequest): Promise<SeenEnrolment>
  /** The agent's own enrolment, once it is newer than `after`. Undefined if nothing newer came within `seconds`. */
  wait(after: number, seconds: number, signal: AbortSignal): Promise<SeenEnrolment | undefined>
  observe(observation: Observation): Promise<SeenEnrolment>
  /** Facts about the cluster that the machine cannot find out by itself. */
  cluster(): Promise<ClusterFacts>
  /** Has the server dial this machine back. It takes some seconds if the server does not get through. */
  reachability(request: ReachabilityRequest): Promise<Reachability>
  claim(request?: ClaimRequest): Promise<Credential>
  progress(request: ProgressRequest): Promise<SeenEnrolment>
  outcome(request: OutcomeRequest): Promise<SeenEnrolment>
  /** Tells the causes for which the Node is not Ready. An older server refuses it with `not-found`. */
  reportCauses(request: CausesRequest): Promise<SeenEnrolment>
}
export const PairingServer = Symbol('PairingServer') as InjectionToken<PairingServer>

/** The pairing server as a machine calls it on its way back. */
export interface WayBackServer extends Pick<PairingServer, 'wait' | 'outcome'> {
  /** Asks for the way back. The same question again gets the same answer. */
  recover(request: RecoveryRequest): Promise<SeenEnrolment>
  claimRecovery(request: RecoveryClaimRequest): Promise<RecoveryCredential>
}

/**
 * The call that may bring a result, if it is not the same one after a pause:
 * - here: the same server, which is there and busy. Another one does not help
 * - elsewhere: another server, at once
 * - soon: any server. One of those that stand by becomes active within seconds
 */
type Next = 'here' | 'elsewhere' | 'soon'

interface NoResultOptions extends ErrorOptions {
  retryAfter?: number
  next?: Next
  silent?: boolean
}

export class NoResult extends Error {
  /** Milliseconds for which the server asks to be left alone (Retry-After). */
  readonly retryAfter: number
  readonly next: Next | undefined
  /** True if nothing came back at all for as long as the agent waits. */
  readonly silent: boolean

  constructor(message: string, { retryAfter = 0, next, silent = false, ...options }: NoResultOptions = {}) {
    super(message, options)
    this.retryAfter = retryAfter
    this.next = next
    this.silent = silent
  }
}

/** Milliseconds for which a server that stands by asks to be left alone while another one is active, for all that it knows. */
const whileActive = 2_000

/** True if a server that stands by has said when another one can be active: by the Lease, which all of them look at. */
export const saysWhen = ({ retryAfter }: NoResult): boolean => retryAfter > whileActive

/** The server answered with a problem. */
export class Refused extends NoResult {
  readonly code: ProblemCode

  constructor(code: ProblemCode, message: string, options?: NoResultOptions) {
    super(message, options)
    this.code = code
  }
}

/** No answer came that can be trusted: nothing was sent, or nothing came back. The message says what was expected and seen. */
export class Unreachable extends NoResult {}
