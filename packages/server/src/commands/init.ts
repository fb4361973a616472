import { existsSync } from 'node:fs'
import { Command, InvalidArgumentError, Option } from 'commander'
import { readIfThere } from '../base/files.ts'
import { loadConfig, type ServerConfig } from '../config/config.ts'
import { isAddress, machineAddresses } from '../keys/addresses.ts'
import { defaultConfigFile, defaultStateDirectory, packagedAgent } from './paths.ts'

const examples = `Examples:
  joinery-server init
  joinery-server init --address 192.0.2.10 --address join.example.org
  joinery-server init --store cluster

Makes the server's own CA and keys and /etc/joinery/server.yaml, and prints the pin that machines check.
Safe to run again: the CA and the pin stay the same.
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
    .action(async (options: { address?: string[]; store?: ServerConfig['store']; config: string }) => {
      // the certificate library is loaded only if certificates are made
      const { init } = await import('../init/init.ts')
      const there = await configThere(options.config)
      await init({
        stateDirectory: there?.state ?? defaultStateDirectory,
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

const collect = (value: string, before: string[] = []): string[] => {
  if (!isAddress(value)) throw new InvalidArgumentError('A host name or an IP address, without scheme or port.')
  return before.includes(value) ? before : [...before, value]
}

/** Reads the configuration. Undefined if there is none yet. */
export const configThere = async (configFile: string): Promise<ServerConfig | undefined> =>
  (await readIfThere(configFile)) === undefined ? undefined : loadConfig(configFile)
