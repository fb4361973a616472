import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { paths } from '@joinery/agent/testing/machine'
import type { MachineWorld } from '@joinery/agent/testing/rehearsal'

const header = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'
/** More is swapped out than the machine has memory: its agent cannot turn it off, so that a person has something to do. */
const on = `${header}/dev/vda2                               partition\t33554428\t\t16777216\t\t-2\n`

/** A real file that stands for the swap of a rehearsal machine: the machine has its swap on as long as it is there. */
export class Swap {
  readonly file: string
  readonly #machine: MachineWorld

  constructor(file: string, machine: MachineWorld) {
    this.file = file
    this.#machine = machine
  }

  get isOn(): boolean {
    return existsSync(this.file)
  }

  async turnOn(): Promise<void> {
    await writeFile(this.file, on)
    await this.follow()
  }

  turnOff(): Promise<void> {
    return rm(this.file, { force: true })
  }

  /** The machine's kernel shows what is true of the file now. */
  follow(): Promise<void> {
    return this.#machine.files.set(paths.swaps, this.isOn ? on : header)
  }
}
