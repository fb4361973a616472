import type { Terminal as CommandTerminal } from '@joinery/host/terminal'

/** A program that runs: the file with its code, Node, and the processor as Node names it. */
export interface RunningProgram {
  entry: string
  runtime: string
  processor: string
}

/** The surroundings of a command of joinery. */
export interface Terminal extends CommandTerminal {
  /** A text with commands (`joinery list`), each with the flags that lead to the server and the cluster of this command. */
  told(text: string): string
  /**
   * Prints a secret that is shown once. Resolves when it is written. Rejects with CommandEnd if it cannot be written.
   */
  deliver(text: string): Promise<void>
  now(): Date
  /** Waits this many milliseconds. */
  pause(milliseconds: number, signal?: AbortSignal): Promise<void>
  /** Asks a person, and returns the answer. Returns undefined if they end the input. Absent if there is no person. */
  ask?(question: string): Promise<string>
  /** Prints a text, through a pager if the screen has no room for it. Absent if there is no screen. Resolves when it is read. */
  page?(text: string): Promise<void>
  /**
   * Runs a program without a shell, and returns its output. `input`: the text that it reads. Rejects with its message if it fails, and
   * with ENOENT if it does not exist.
   */
  exec(argv: readonly string[], input?: string): Promise<string>
  /** The operator's name, for the timeline. Absent if it is not known. */
  operator?: string
  /** KUBECONFIG of the environment, if it is set. */
  kubeconfig?: string
  /** JOINERY_SOCKET of the environment, if it is set. */
  socket?: string
  /** JOINERY_PIN of the environment, if it is set. */
  pin?: string
  /** Path of the project's file, which may name a pin. Absent if none is read. */
  project?: string
  /** True if the user is root. Absent counts as not. */
  root?: boolean
  /** Home folder of the user. Absent if it is not known. */
  home?: string
  /** Folder in which commands remember something from one run to the next. Absent if nothing is remembered. */
  state?: string
  /**
   * Has `told` called if Ctrl-C ends the command, which it does then, until the returned function is called. Absent if nobody can
   * interrupt.
   */
  onInterrupt?(told: () => void): () => void
  /** Path of the pairing server's configuration on this machine. Absent if there can be none. */
  configuration?: string
  /** Opens a file in the person's browser. Absent if there is no screen. */
  browse?(file: string): void
  /** The program that runs this command. Absent if it is no program of its own. */
  program?: RunningProgram
  /** Folder with the built page of the console. If absent, it is beside the program. */
  consoleFolder?: string
  /** Folder with the sums of the agents of this release. If absent, they are beside the program. */
  releaseFolder?: string
  /** Folder in which a control plane has the keys of its cluster. Absent if no real keys must be touched. */
  pki?: string
  /** URLs at which the etcd member of this machine answers, if it has one. */
  etcd?: readonly string[]
  /** IP addresses of this machine. */
  addresses?(): string[]
  /** Characters in a line of the screen behind `out`, and below of that behind `err`. Absent if there is no screen. */
  columns?: number
  errColumns?: number
}

/** The surroundings of the program. Which server a command asks is known when its line is read. */
export type Surroundings = Omit<Terminal, 'told'>

/** The properties of a screen that decide the layout of a text. */
export type Screen = Pick<Terminal, 'colour' | 'columns'>
