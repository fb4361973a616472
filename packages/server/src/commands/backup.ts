import { Command } from 'commander'
import { readPassphrase } from '../adapters/sqlite/backup/passphrase.ts'
import { loadConfig } from '../core/config/config.ts'
import { defaultConfigFile } from './paths.ts'

const examples = `Examples:
  joinery-server backup /root/joinery.backup
  joinery-server backup --passphrase-file /root/joinery.passphrase /root/joinery.backup

Writes one file with the store, and with the keys of this server, sealed by a passphrase. The server goes on meanwhile.
The file has no configuration and no kubeconfig: init and setup make them.
`

export const backupCommand = (): Command =>
  new Command('backup')
    .summary('write store and keys into one file')
    .addHelpText('before', examples)
    .argument('<file>', 'new file, readable only by its owner')
    .option('--passphrase-file <file>', 'file with the passphrase (default: ask for it)')
    .option('--config <file>', 'configuration of this server', defaultConfigFile)
    .action(async (file: string, options: { passphraseFile?: string; config: string }) => {
      const { state } = await loadConfig(options.config)
      const terminal = { input: process.stdin, output: process.stderr }
      const passphrase = await readPassphrase(options.passphraseFile, terminal, true)
      const { makeBackup } = await import('../adapters/sqlite/backup/make-backup.ts')
      await makeBackup({ state, file, passphrase, now: new Date() })
      console.log(`${file} created`)
    })
