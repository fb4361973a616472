import { Command } from 'commander'
import { systemRandom } from '../core/base/random.ts'
import { loadConfig } from '../core/config/config.ts'
import { requireOneHost } from '../core/leadership/rotation/of-one-host.ts'
import { defaultConfigFile } from './paths.ts'

const examples = `Examples:
  systemctl stop joinery-server
  joinery-server rotate-keys
  systemctl start joinery-server

Makes another master key. The tokens of new attempts are made from it. The server deletes the old one by itself when no
attempt that began before is open, at most half an hour later. Machines that join meanwhile notice nothing.
`

export const rotateKeysCommand = (): Command =>
  new Command('rotate-keys')
    .summary('make another master key, from which tokens are made')
    .addHelpText('before', examples)
    .option('--config <file>', 'configuration of this server', defaultConfigFile)
    .action(async (options: { config: string }) => {
      const config = await loadConfig(options.config)
      requireOneHost(config)
      const { state } = config
      const { rotateKeys } = await import('../core/leadership/rotation/rotate-keys.ts')
      await rotateKeys({ state, random: systemRandom.bytes, print: (line) => console.log(line) })
      console.log(
        'Next: systemctl start joinery-server; if there are keys files, make new ones: joinery-server keys export'
      )
    })
