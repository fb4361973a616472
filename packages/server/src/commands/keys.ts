import { Command } from 'commander'
import { systemRandom } from '../core/base/random.ts'
import { askIdentity } from './identity.ts'
import { configThere } from './init.ts'
import { defaultConfigFile, defaultStateDirectory } from './paths.ts'
import { adminConf, kubeconfigs } from './setup.ts'

const examples = `Examples:
  joinery-server keys export --out /root/joinery.keys

Writes the keys of this server into one file: its CA, its master keys, and the key of the audit log. The command makes the
passphrase of the file, and shows it once. The file and its passphrase are all that another host needs to be this server,
of this cluster and no other: joinery-server init --keys FILE. The server goes on meanwhile.
`

const groupExamples = `Examples:
  joinery-server keys export --out /root/joinery.keys
`

export const keysCommand = (): Command =>
  new Command('keys')
    .summary('write the keys of this server into one file')
    .addHelpText('before', groupExamples)
    .addCommand(exportCommand())

const exportCommand = (): Command =>
  new Command('export')
    .summary('write the keys of this server into one file, sealed by a new passphrase')
    .addHelpText('before', examples)
    .requiredOption('--out <file>', 'new file, readable only by its owner')
    .option('--kubeconfig <file>', `kubeconfig of a cluster administrator (default: KUBECONFIG, else ${adminConf})`)
    .option('--config <file>', 'configuration of this server', defaultConfigFile)
    .action(async (options: { out: string; kubeconfig?: string; config: string }) => {
      const state = (await configThere(options.config))?.state ?? defaultStateDirectory
      const { exportKeys } = await import('../adapters/sqlite/backup/keys/export-keys.ts')
      await exportKeys({
        state,
        file: options.out,
        cluster: askIdentity(kubeconfigs(options.kubeconfig, process.env.KUBECONFIG)),
        random: systemRandom.bytes,
        now: new Date(),
        print: (line) => console.log(line)
      })
    })
