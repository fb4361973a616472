import { join } from 'node:path'
import type { OutcomeRequest } from '@joinery/protocol'
import type { Files } from './machine/files.ts'

export type Failure = Omit<Extract<OutcomeRequest, { outcome: 'failed' }>, 'outcome' | 'attempt'>

/** What must survive a reboot: what this agent began. Everything else is observed anew. */
export interface Journal {
  /** The join that this agent began; it is written before kubeadm starts. */
  attempt?: {
    number: number
    nodeName: string
    bootId: string
    /** The attempt was closed on this machine, for this reason. */
    failure?: Failure
    /** The server knows of the failure. */
    reported?: boolean
  }
  /** The server has taken note that this machine is ready: there is nothing left to do. */
  accepted?: boolean
}

/** The journal in a folder of the agent's own. A power cut leaves the old one or the new one, whole. */
export class JournalFile {
  readonly #files: Files
  readonly #path: string

  constructor(files: Files, stateDirectory: string) {
    this.#files = files
    this.#path = join(stateDirectory, 'journal.json')
  }

  /** Throws, naming the file, where it is damaged: writes are whole, so that did not come from us. */
  async read(): Promise<Journal> {
    try {
      return JSON.parse((await this.#files.read(this.#path)) ?? '{}') as Journal
    } catch (cause) {
      throw new Error(`${this.#path}: ${(cause as Error).message}`, { cause })
    }
  }

  write(journal: Journal): Promise<void> {
    return this.#files.write(this.#path, JSON.stringify(journal), 0o600)
  }
}
