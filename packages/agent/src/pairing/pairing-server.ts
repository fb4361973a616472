import type {
  Credential,
  EnrolRequest,
  Observation,
  OutcomeRequest,
  OwnEnrolment,
  ProblemCode,
  ProgressRequest
} from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'

/** The pairing server as the agent calls it (design section 4). Methods throw Refused or Unreachable. */
export interface PairingServer {
  enrol(request: EnrolRequest): Promise<OwnEnrolment>
  /** The own enrolment once it is newer than `after`; undefined when nothing newer came within `seconds`. */
  wait(after: number, seconds: number, signal: AbortSignal): Promise<OwnEnrolment | undefined>
  observe(observation: Observation): Promise<OwnEnrolment>
  claim(): Promise<Credential>
  progress(request: ProgressRequest): Promise<OwnEnrolment>
  outcome(request: OutcomeRequest): Promise<OwnEnrolment>
}
export const PairingServer = Symbol('PairingServer') as InjectionToken<PairingServer>

/** The server answered with a problem. */
export class Refused extends Error {
  readonly code: ProblemCode

  constructor(code: ProblemCode, message: string) {
    super(message)
    this.code = code
  }
}

/** No answer that can be trusted: nothing was sent, or nothing came back. The message says what was expected and seen. */
export class Unreachable extends Error {}
