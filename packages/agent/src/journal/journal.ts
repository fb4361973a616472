import { join } from 'node:path'
import type { Files } from '@joinery/host/files'
import type { KubeletCertificate, OutcomeRequest } from '@joinery/protocol'
import { isSame, type MachineIds, machineIds } from '../machine/host/machine-ids.ts'
import type { NetworkTraces } from '../machine/network/network-traces.ts'
import type { Phase } from './stages.ts'

/** Why an attempt failed: whose fault, how far it came, in plain words, and what to do. */
export type Failure = Omit<Extract<OutcomeRequest, { outcome: 'failed' }>, 'outcome' | 'attempt' | 'certificate'>

/** Of a join that makes a control plane. */
export interface ControlPlaneJoin {
  /** By which others come to its API server and its etcd member. */
  address: string
  /** Where etcd is stacked: hosts of the other members, which have to be found when this machine has forgotten all else. */
  etcdHosts?: string[]
  /** There was no data of etcd before: what lies there afterwards is of this join. */
  ownEtcdData?: true
}

/** A join that this agent began. */
export interface Attempt {
  number: number
  nodeName: string
  bootId: string
  /** What was in the network before kubeadm was started; without it nothing of the network is removed. */
  before?: NetworkTraces
  controlPlane?: ControlPlaneJoin
  /** How far kubeadm came at least. */
  phases?: Phase[]
  /** The attempt was closed on this machine, for this reason. */
  failure?: Failure
  /** What the kubelet held then. Where it holds another one, somebody has joined the machine since. */
  certificate?: KubeletCertificate
  /** It failed before anything of it was put on this machine: there is nothing to take back. */
  untouched?: true
  /** Its member is out of etcd, or never was in it. */
  leftEtcd?: true
  /** The server knows of the failure. */
  reported?: boolean
}

/** A join of this agent that came to a Ready node. */
export interface Joined extends Pick<Attempt, 'nodeName' | 'before' | 'controlPlane'> {
  /** What the kubelet held then. Where it holds another one, it was renewed, or somebody has joined the machine since. */
  certificate: KubeletCertificate
  /** It is being taken back: from here on the disk may hold any part of it. */
  resetting?: true
}

/** What must survive a reboot: what this agent began. Everything else is observed anew. */
export interface Journal {
  /** It is written before kubeadm starts. */
  attempt?: Attempt
  /** The last attempts that failed and were taken back, oldest first, until the machine is ready. */
  failures?: { attempt: number; failure: Failure }[]
  /** The server has taken note that this machine is ready: there is nothing left to do. */
  accepted?: boolean
  /** By which join. Without `accepted` it is an earlier one: its Node was gone, and the machine got another code. */
  joined?: Joined
}

/** One that was written by an agent of before they were kept has no ids. */
type Stored = Journal & Partial<MachineIds>

/**
 * The journal in a folder of the agent's own, with machine id and product UUID. A power cut leaves the old one or the new
 * one, whole.
 */
export class JournalFile {
  readonly #files: Files
  readonly #path: string

  constructor(files: Files, stateDirectory: string) {
    this.#files = files
    this.#path = join(stateDirectory, 'journal.json')
  }

  /**
   * Empty on a copy of the disk: what another machine began is not taken on there, and above all not taken back. Throws,
   * naming the file, where it is damaged: writes are whole, so that did not come from us.
   */
  async read(): Promise<Journal> {
    const { own, journal } = await this.readAny()
    return own ? journal : {}
  }

  /** Also another machine's, of whose disk this is a copy. */
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
