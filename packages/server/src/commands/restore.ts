import { Command } from 'commander'
import { readPassphrase } from '../adapters/sqlite/backup/passphrase.ts'
import { configThere } from './init.ts'
import { defaultConfigFile, defaultStateDirectory } from './paths.ts'

const examples = `Examples:
  systemctl stop joinery-server
  joinery-server restore /root/joinery.backup

Puts the store and the keys of a backup into the state folder, and overwrites nothing. The backup does not know what
happened after it. So when the server starts, it revokes every open code, and each machine that was approved and has not
joined waits for an approval again. A new, empty store is safer than an old one.
`

export const restoreCommand = (): Command =>
  new Command('restore')
    .summary('take store and keys out of a backup')
    .addHelpText('before', examples)
    .argument('<file>', 'file that joinery-server backup made')
    .option('--passphrase-file <file>', 'file with the passphrase (default: ask for it)')
    .option('--config <file>', 'configuration of this server, if it already exists', defaultConfigFile)
    .action(async (file: string, options: { passphraseFile?: string; config: string }) => {
      const state = (await configThere(options.config))?.state ?? defaultStateDirectory
      const terminal = { input: process.stdin, output: process.stderr }
      const passphrase = await readPassphrase(options.passphraseFile, terminal, false)
      const { restoreBackup } = await import('../adapters/sqlite/backup/restore-backup.ts')
      await restoreBackup({ state, file, passphrase, now: new Date(), print: (line) => console.log(line) })
      console.log('next: joinery-server init; joinery-server setup --kubeconfig /etc/kubernetes/admin.conf')
      console.log('then: systemctl restart joinery-server; joinery status')
    })
