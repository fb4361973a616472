import { join } from 'node:path'
import type { Files } from '@joinery/host/files'
import type { KubeletCertificate, OutcomeRequest } from '@joinery/protocol'
import { isSame, type MachineIds, machineIds } from '../host/machine-ids.ts'
import type { NetworkTraces } from '../network/network-traces.ts'
import type { Phase } from './stages.ts'

/** The reason why an attempt failed: whose fault, how far it came, in plain words, and what to do. */
export type Failure = Omit<
  Extract<OutcomeRequest, { outcome: 'failed' }>,
  'outcome' | 'attempt' | 'certificate' | 'said'
>

/** The control-plane part of a join. */
export interface ControlPlaneJoin {
  /** Address by which others reach its API server and its etcd member. */
  address: string
  /** Hosts of the other members, if etcd is stacked. They must be found when this machine has forgotten everything else. */
  etcdHosts?: string[]
  /** There was no data of etcd before this join. So the data that lies there afterwards is of this join. */
  ownEtcdData?: true
}

/** A join that this agent began. */
export interface Attempt {
  number: number
  nodeName: string
  bootId: string
  /** The network before kubeadm was started. Without it nothing of the network is removed. */
  before?: NetworkTraces
  controlPlane?: ControlPlaneJoin
  /** The phases that kubeadm has at least begun. */
  phases?: Phase[]
  /** The reason for which the attempt was closed on this machine. */
  failure?: Failure
  /**
   * The kubelet's certificate when the attempt was closed. If the kubelet holds another one, somebody has joined the
   * machine since.
   */
  certificate?: KubeletCertificate
  /** The attempt failed before anything of it was put on this machine. There is nothing to take back. */
  untouched?: true
  /** The attempt's member is out of etcd, or never was in it. */
  leftEtcd?: true
  /** True if the server knows of the failure. */
  reported?: boolean
}

/** A join of this agent that came to a Ready node. */
export interface Joined extends Pick<Attempt, 'nodeName' | 'before' | 'controlPlane'> {
  /**
   * The kubelet's certificate when the node was Ready. If the kubelet holds another one, it was renewed, or somebody
   * has joined the machine since.
   */
  certificate: KubeletCertificate
  /** The join is being taken back: from here on the disk may hold any part of it. */
  resetting?: true
}

/** The record of what this agent began, which must survive a reboot. Everything else is observed again. */
export interface Journal {
  /** The attempt under way. It is written before kubeadm starts. */
  attempt?: Attempt
  /** The last attempts that failed and were taken back, oldest first, until the machine is ready. */
  failures?: { attempt: number; failure: Failure }[]
  /** True if the server has taken note that this machine is ready: there is nothing left to do. */
  accepted?: boolean
  /**
   * The join that made the node Ready. Without `accepted` it is an earlier join: its Node was gone, and the machine
   * got another code.
   */
  joined?: Joined
}

/** The journal with the machine's ids. A journal from an agent older than these ids has none. */
type Stored = Journal & Partial<MachineIds>

/**
 * The journal in a folder of the agent, with machine id and product UUID. A power cut leaves the old journal or the
 * new one, whole.
 */
export class JournalFile {
  readonly #files: Files
  readonly #path: string

  constructor(files: Files, stateDirectory: string) {
    this.#files = files
    this.#path = join(stateDirectory, 'journal.json')
  }

  /**
   * Reads the journal of this machine. It is empty on a copy of the disk: what another machine began is not continued
   * there, and above all not taken back. Throws, naming the file, if it is damaged. Writes are whole, so the damage
   * did not come from us.
   */
  async read(): Promise<Journal> {
    const { own, journal } = await this.readAny()
    return own ? journal : {}
  }

  /** Reads the journal, also if it is another machine's whose disk was copied. */
  async readAny(): Promise<{ journal: Journal; own: boolean }> {
    const ids = await machineIds(this.#files)
    try {
      const stored = JSON.parse((await this.#files.read(this.#path)) ?? '{}') as Stored
      const { machineId = ids.machineId, productUuid = ids.productUuid, ...journal } = stored
      return { journal, own: isSame({ machineId, productUuid }, ids) }
    } catch (cause) {
      throw new Error(`${this.#path}: ${(cause as Error).message}`, { cause })
    }
  }

  async write(journal: Journal): Promise<void> {
    const stored: Stored = { ...(await machineIds(this.#files)), ...journal }
    await this.#files.write(this.#path, JSON.stringify(stored), 0o600)
  }
}
