import type { Space } from '../../host/host.ts'
import type { NodeReadiness } from '../port/looking.ts'

/** Everything that one look at the machine found. A part is absent if it could not be looked at, or has no meaning here. */
export interface Seen {
  node: NodeReadiness
  kubelet?: UnitSeen
  runtime?: RuntimeSeen
  /** The last lines of both journals, the oldest first. */
  lines: { kubelet: readonly string[]; runtime: readonly string[] }
  disks: readonly DiskSeen[]
  network?: NetworkSeen
  containers: readonly ContainerSeen[]
  certificate?: CertificateSeen
  api?: ApiSeen
  /** Time of day of the machine, in milliseconds since 1970. */
  now: number
  /** Milliseconds by which this machine's clock is ahead of the pairing server's, if it was asked. */
  skew?: number
}

/** A unit of systemd. */
export interface UnitSeen {
  unit: string
  load: string
  /** `active`, `failed`, `inactive`, or `auto-restart` while systemd waits before it starts the unit again. */
  state: string
  result: string
  restarts: number
  status: number
  /** Milliseconds since the unit became active. Absent if it is not active. */
  upFor?: number
}

/** The container runtime: its unit, its answer over the CRI, or the reason why there was none. */
export interface RuntimeSeen {
  socket: string
  unit?: UnitSeen
  answer: 'ready' | 'not-ready' | 'silent' | 'missing' | 'late' | 'without-cri'
  /** The runtime's or the system's words, if the answer is not `ready`. */
  problem: string
}

export interface DiskSeen {
  path: string
  space: Space
}

/** The network of Pods. */
export interface NetworkSeen {
  /** The reason of the runtime why it has no network. Undefined if it has one, or does not answer. */
  problem?: string
  folder: string
  /** The file that the runtime takes: the first one. Absent if there is none. */
  file?: string
  /** The reason why the file cannot be used. */
  broken?: string
  /** The programs that the file names and that are in none of the folders, or may not be executed. */
  missing: readonly string[]
  binaries: readonly string[]
}

/** A container that ended with an error, whose successor is not well, or has not come. */
export interface ContainerSeen {
  namespace: string
  pod: string
  name: string
  image: string
  exitCode: number
  reason: string
  /** The last lines of its log. */
  lines: readonly string[]
}

/** The kubelet's client certificate. Times are milliseconds since 1970. */
export type CertificateSeen = 'missing' | 'unreadable' | { from: number; until: number }

/** The API server, asked with the kubelet's own identity. */
export type ApiSeen = { server: string; host: string } & (
  | { status: number; date?: number; anonymous?: true }
  | { code: string; problem: string; date?: number }
)
