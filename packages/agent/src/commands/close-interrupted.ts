import { filesUnder } from '@joinery/host/files'
import { Command } from 'commander'
import { JournalFile } from '../journal/journal.ts'
import { RecoveryFile } from '../journal/recovery-record.ts'
import { closeInterruptedJoin } from '../loop/close-interrupted-join.ts'
import { linuxMachine } from '../machine/linux-machine.ts'
import { closeInterruptedWayBack } from '../way-back/close-interrupted-way-back.ts'
import { runDirectory, stateDirectory } from './own-paths.ts'

const examples = `Examples:
  systemctl start joinery-agent-boot     as a service, at boot: the usual way
  joinery-agent close-interrupted        by hand, as root, while the kubelet is stopped
`

export const closeInterruptedCommand = (): Command =>
  new Command('close-interrupted')
    .summary('at boot, before the kubelet: close a join or a way back that was interrupted')
    .addHelpText('before', examples)
    .action(async () => {
      const files = filesUnder('/')
      const machine = linuxMachine({ runDirectory })
      const closed = await closeInterruptedJoin(machine, new JournalFile(files, stateDirectory), files)
      if (closed !== undefined) console.log(`closed attempt ${closed}: it was interrupted`)
      const removed = await closeInterruptedWayBack(new RecoveryFile(files, stateDirectory), files)
      if (removed !== undefined)
        console.log(`removed the credential of attempt ${removed}: its way back was interrupted`)
    })
