import { existsSync } from 'node:fs'
import { Command, InvalidArgumentError, Option } from 'commander'
import { readPassphrase } from '../adapters/sqlite/backup/passphrase.ts'
import { isAddress, machineAddresses } from '../core/base/addresses.ts'
import { readIfThere } from '../core/base/files.ts'
import { loadConfig, type ServerConfig } from '../core/config/config.ts'
import { defaultConfigFile, defaultStateDirectory, packagedAgent } from './paths.ts'
import { adminConf, kubeconfigs } from './setup.ts'

const examples = `Examples:
  joinery-server init
  joinery-server init --address 192.0.2.10 --address join.example.org
  joinery-server init --store cluster
  joinery-server init --keys /root/joinery.keys

Makes the server's own CA and keys and /etc/joinery/server.yaml, and prints the pin that machines check.
Safe to run again: the CA and the pin stay the same. With --keys the CA and the keys are those of the file, which
joinery-server keys export made on another host. This host asks the cluster whether it is the one of the file.
`

export const initCommand = (): Command =>
  new Command('init')
    .summary('make the keys and the configuration of this pairing server')
    .addHelpText('before', examples)
    .option(
      '--address <host-or-ip...>',
      'addresses at which machines reach this server (default: all its addresses)',
      collect
    )
    .addOption(
      new Option(
        '--store <place>',
        'where a new server keeps what it knows: file (its folder), or cluster (etcd, for several servers)'
      ).choices(['file', 'cluster'])
    )
    .option('--config <file>', 'configuration of this server, made if it does not exist', defaultConfigFile)
    .option('--keys <file>', 'file of joinery-server keys export: take the CA and the keys from it')
    .option('--passphrase-file <file>', 'file with the passphrase of --keys (default: ask for it)')
    .option(
      '--kubeconfig <file>',
      `kubeconfig of a cluster administrator, for --keys (default: KUBECONFIG, else ${adminConf})`
    )
    .action(async (options: Options) => {
      const there = await configThere(options.config)
      const stateDirectory = there?.state ?? defaultStateDirectory
      if (options.keys !== undefined) await takeKeysOf(options.keys, stateDirectory, options)
      // the certificate library is loaded only if certificates are made
      const { init } = await import('../core/config/init/init.ts')
      await init({
        stateDirectory,
        ...(there && { published: there.agents.address }),
        configFile: options.config,
        addresses: options.address ?? [],
        machineAddresses: machineAddresses(),
        agentPackage: existsSync(packagedAgent) ? packagedAgent : undefined,
        store: options.store,
        now: new Date(),
        print: (line) => console.log(line)
      })
    })

interface Options {
  address?: string[]
  store?: ServerConfig['store']
  config: string
  keys?: string
  passphraseFile?: string
  kubeconfig?: string
}

const takeKeysOf = async (file: string, state: string, options: Options): Promise<void> => {
  const terminal = { input: process.stdin, output: process.stderr }
  const typed = await readPassphrase(options.passphraseFile, terminal, false)
  const [{ takeKeys }, { readNewPassphrase }, { askIdentity }] = await Promise.all([
    import('../adapters/sqlite/backup/keys/take-keys.ts'),
    import('../adapters/sqlite/backup/keys/new-passphrase.ts'),
    import('./identity.ts')
  ])
  await takeKeys({
    state,
    file,
    passphrase: readNewPassphrase(typed),
    cluster: askIdentity(kubeconfigs(options.kubeconfig, process.env.KUBECONFIG)),
    print: (line) => console.log(line)
  })
}

const collect = (value: string, before: string[] = []): string[] => {
  if (!isAddress(value)) throw new InvalidArgumentError('A host name or an IP address, without scheme or port.')
  return before.includes(value) ? before : [...before, value]
}

/** Reads the configuration. Undefined if there is none yet. */
export const configThere = async (configFile: string): Promise<ServerConfig | undefined> =>
  (await readIfThere(configFile)) === undefined ? undefined : loadConfig(configFile)
