import type { Terminal as CommandTerminal } from '@joinery/host/terminal'

/** The surroundings of a command of joinery. */
export interface Terminal extends CommandTerminal {
  /** As `out`, for a secret that is shown once: done when it is written, rejects with CommandEnd where it cannot be. */
  deliver(text: string): Promise<void>
  now(): Date
  /** Lets that many milliseconds pass. */
  pause(milliseconds: number): Promise<void>
  /** Gives what a person types at a question; nothing where they end the input. Missing where there is no person. */
  ask?(question: string): Promise<string>
  /** Runs a program without a shell, gives what it prints. Rejects where it fails, with what it said; with ENOENT where there is none. */
  exec(argv: readonly string[]): Promise<string>
  /** Who types, for the timeline. Missing where that is not known. */
  operator?: string
  /** KUBECONFIG of the environment, where it is set. */
  kubeconfig?: string
  /** Where a control plane has the keys of its cluster. Missing where no real ones are to be touched. */
  pki?: string
  /** URLs at which the etcd member of this machine answers, where it has one. */
  etcd?: readonly string[]
  /** IP addresses of this machine. */
  addresses?(): string[]
  /** How many characters a line of the screen has to which `out` goes, and of that of `err`. Missing where there is no screen. */
  columns?: number
  errColumns?: number
}

/** How a text is to be laid out. */
export type Screen = Pick<Terminal, 'colour' | 'columns'>
