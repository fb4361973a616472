import { exec } from '@joinery/host/exec'
import { filesUnder } from '@joinery/host/files'
import { Command } from 'commander'
import { JournalFile } from '../journal/journal.ts'
import { cleanUpAttempt } from '../loop/clean-up-attempt.ts'
import { stateDirectory } from './own-paths.ts'

const examples = `Examples:
  systemctl start joinery-reset          as a service: the usual way; it runs after kubeadm reset
  joinery-agent clean-up                 by hand, as root, after kubeadm reset
`

export const cleanUpCommand = (): Command =>
  new Command('clean-up')
    .summary("after kubeadm reset: remove a failed join's leftovers from the network and from etcd")
    .addHelpText('before', examples)
    .action(async () => {
      const files = filesUnder('/')
      for (const done of await cleanUpAttempt(new JournalFile(files, stateDirectory), files, exec)) console.log(done)
    })
