import { Command } from 'commander'
import { JournalFile } from '../journal.ts'
import { bootId } from '../machine/boot-id.ts'
import { filesUnder } from '../machine/files.ts'
import { linuxMachine } from '../machine/linux-machine.ts'
import { interrupted } from '../plan.ts'
import { runDirectory, stateDirectory } from './paths.ts'

/**
 * Run at boot, before the kubelet: a join that a power cut interrupted left its credential on disk, and the kubelet would
 * go on asking with it. Where the kubelet has an identity of its own already, there is nothing to close.
 */
export const closeInterruptedCommand = (): Command =>
  new Command('close-interrupted')
    .summary('at boot, before the kubelet: close a join that was interrupted')
    .action(async () => {
      const files = filesUnder('/')
      const journal = new JournalFile(files, stateDirectory)
      const { attempt } = await journal.read()
      if (attempt === undefined || attempt.failure !== undefined || attempt.bootId === (await bootId(files))) return
      const machine = linuxMachine({ runDirectory, notifySocket: undefined })
      const { kubeletConf, certificate } = await machine.joinState()
      if (kubeletConf && certificate !== undefined) return
      await machine.closeJoin()
      await journal.write({ attempt: { ...attempt, failure: interrupted } })
      console.log(`closed attempt ${attempt.number}: it was interrupted`)
    })
