import type { Played } from './play.ts'
import type { Step } from './steps.ts'

/** All that a run of CI needs from outside. */
export interface Ci {
  root: string
  /** Steps, those of a row beside each other. */
  rows: readonly (readonly Step[])[]
  /** Steps that were played and shown before, by their scripts. */
  played: Readonly<Record<string, Played>>
  /** The command of a step. */
  commandOf: (script: string) => readonly string[]
  /** The command that plays a test file by itself, for so many seconds at most. */
  again: (file: string, seconds: number) => readonly string[]
  /** The tests' own files, and packages, that a test file loads. */
  loads: (file: string) => readonly string[]
  /** Environment of a command that begins now. */
  env: () => NodeJS.ProcessEnv
  /** Seconds that are left for what is played again. */
  secondsLeft: () => number
  /** File that remembers the flakes of this host. */
  memory: string
  commit: string
  date: string
  /** Load average of the last minute, at the start. */
  load: number
  /** Called when the run was green as a whole, without a flake. */
  proved: () => Promise<void>
  /** Ends the run, which has failed then. */
  signal: AbortSignal
  say: (text: string) => void
}
