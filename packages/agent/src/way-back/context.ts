import type { SeenEnrolment } from '@joinery/protocol'
import type { JournalFile } from '../journal/journal.ts'
import type { RecoveryFile } from '../journal/recovery-record.ts'
import type { JoinKeyFile } from '../keys/join-key.ts'
import type { Looking } from '../machine/port/looking.ts'
import type { Recovering } from '../machine/port/recovering.ts'
import type { WayBackServer } from '../pairing/pairing-server.ts'
import type { Clock } from '../program/clock.ts'
import type { Logger } from '../program/log.ts'
import type { RecoveryPhase } from '../status/recovery/report.ts'
import type { Claimed, Situation, Step, WayBackFailure } from './plan-way-back.ts'

export interface WayBackParts {
  recovering: Recovering
  looking: Pick<Looking, 'facts'>
  server: WayBackServer
  journal: JournalFile
  record: RecoveryFile
  key: JoinKeyFile
  clock: Clock
  log: Logger
  /** Random 64 hex digits, from the system's random source. */
  newValue: () => string
  bootId: string
  /** Says what the way back does or waits for, to people at this machine. */
  say: (phase: RecoveryPhase, message: string) => void
  /** Monotonic milliseconds until which an answer of the server is awaited. Infinite for a person who waits. */
  until: number
  signal: AbortSignal
}

/** Knowledge that is lost with the process. Losing it costs a question to the server, never a machine. */
export interface Memory {
  enrolment?: SeenEnrolment | 'none'
  claimed?: Claimed
  failure?: WayBackFailure
  restarted: boolean
}

export interface Context extends WayBackParts {
  nodeName: string
  /** Address of this machine's API server, if the agent made it a control plane. */
  address?: string
  memory: Memory
  situation: Situation
}

/**
 * The end of a way back:
 * - nothing: there was nothing to do
 * - recovered: the kubelet has its certificate, and the server knows
 * - later: it is not known yet, or it still waits. The next look goes on
 * - failed: a person has to do something
 */
export interface WayBackEnd {
  end: 'nothing' | 'recovered' | 'later' | 'failed'
  why: string
  remedy: string[]
}

/** An executor for each step. One that gives an end ends the way back. */
export type Executors = {
  [Name in Step['do']]: (step: Extract<Step, { do: Name }>, context: Context) => Promise<WayBackEnd | undefined>
}
