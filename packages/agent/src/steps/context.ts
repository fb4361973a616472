import type { CodeSource } from '../code/code-source.ts'
import type { JournalFile } from '../journal/journal.ts'
import type { JoinKeyFile } from '../keys/join-key.ts'
import type { SealKeyFile } from '../keys/seal-key.ts'
import type { MachinePorts } from '../machine/port/machine-ports.ts'
import type { Door } from '../pairing/door.ts'
import type { PairingServer } from '../pairing/pairing-server.ts'
import type { Memory } from '../plan/observe.ts'
import type { Situation } from '../plan/plan.ts'
import type { Step } from '../plan/step.ts'
import type { Prefetch } from '../prefetch/prefetch.ts'
import type { Clock } from '../program/clock.ts'
import type { AgentConfig } from '../program/config.ts'
import type { Logger } from '../program/log.ts'
import type { RecentLines } from '../program/recent-lines.ts'
import type { Show } from '../status/show.ts'

export interface StepParts extends MachinePorts {
  server: PairingServer
  journal: JournalFile
  joinKey: JoinKeyFile
  sealKey: SealKeyFile
  clock: Clock
  log: Logger
  door: Door
  /** Says what the agent does or waits for, to systemd and to people at this machine. */
  say: (message: string) => void
  /** Shows what is true and what is done to people at this machine. */
  show: Show
  codes: CodeSource
  config: AgentConfig
  /** URL of the pairing server that the agent asks now. It may be none of the configuration. */
  serverInUse: () => string
  /** Node name to ask for; the code may name another one. */
  wantedName: () => Promise<string>
  signal: AbortSignal
  /** Pulls images beside everything else. */
  prefetch: Pick<Prefetch, 'progress' | 'telling'>
}

export interface Context extends StepParts {
  memory: Memory
  /** The last lines that were said. */
  said: Pick<RecentLines, 'last'>
  situation: Situation
  /** Time that it took to observe the situation, in milliseconds. */
  looked: number
}

/** An executor for each step. If one resolves to `done`, the agent ends. */
export type Executors<Names extends Step['do']> = {
  [Name in Names]: (step: Extract<Step, { do: Name }>, context: Context) => Promise<unknown>
}
