import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { paths } from '@joinery/agent/testing/machine'
import type { MachineWorld } from '@joinery/fake-machine'

/**
 * Faults of the demo's machines:
 * - swap: it is on, so the machine fails preflight
 * - firewall: it is between the machine and the registry, so the machine joins and its Node is not Ready
 */
export type FaultKind = 'swap' | 'firewall'

export interface Faulty {
  machine: Pick<MachineWorld, 'files'>
  /** Cuts the machine off from the registry, or lets it through again. */
  cutOff(isCut: boolean): Promise<void>
}

const header = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'
/** More is swapped out than the machine has memory: its agent cannot turn it off, so that a person has something to do. */
const swapOn = `${header}/dev/vda2                               partition\t33554428\t\t16777216\t\t-2\n`

const kinds: Record<FaultKind, { text: string; play(isThere: boolean, faulty: Faulty): Promise<void> }> = {
  swap: {
    text: swapOn,
    // the machine's kernel shows what is true of the file now
    play: (isThere, { machine }) => machine.files.set(paths.swaps, isThere ? swapOn : header)
  },
  firewall: {
    text: 'tcp dport 443 drop\n',
    play: (isThere, { cutOff }) => cutOff(isThere)
  }
}

/** A real file that stands for a fault of a rehearsal machine: the machine has the fault as long as the file is there. */
export class Fault {
  readonly file: string
  readonly #kind: FaultKind
  readonly #faulty: Faulty

  /** The file is in this folder, by the name of its kind. */
  constructor(kind: FaultKind, folder: string, faulty: Faulty) {
    this.file = join(folder, kind)
    this.#kind = kind
    this.#faulty = faulty
  }

  get isThere(): boolean {
    return existsSync(this.file)
  }

  async begin(): Promise<void> {
    await writeFile(this.file, kinds[this.#kind].text)
    await this.follow()
  }

  repair(): Promise<void> {
    return rm(this.file, { force: true })
  }

  /** Plays on the machine what is true of the file now. */
  follow(): Promise<void> {
    return kinds[this.#kind].play(this.isThere, this.#faulty)
  }
}
