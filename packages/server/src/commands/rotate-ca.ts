import { Command } from 'commander'
import { loadConfig } from '../config/config.ts'
import { requireOneHost } from '../rotation/of-one-host.ts'
import { defaultConfigFile } from './paths.ts'

const examples = `Examples:
  systemctl stop joinery-server
  joinery-server rotate-ca
  systemctl start joinery-server
  joinery status                                until no machine is left that does not know the next pin
  systemctl stop joinery-server
  joinery-server rotate-ca --finish
  systemctl start joinery-server

Makes the CA that comes next. While there are two, the server tells its pin to every machine that waits, and new user-data
has both pins. --finish puts the next CA in the place of the present one. User-data from before rotate-ca, and machines
that were off all the time, are refused by the new server then: they need new user-data, or joinery-agent enrol --replace.
`

export const rotateAuthorityCommand = (): Command =>
  new Command('rotate-ca')
    .summary('make the CA that comes next, and put it in place')
    .addHelpText('before', examples)
    .option('--finish', 'put the next CA in the place of the present one', false)
    .option('--config <file>', 'configuration of this server', defaultConfigFile)
    .action(async (options: { finish: boolean; config: string }) => {
      const config = await loadConfig(options.config)
      requireOneHost(config)
      const { state, agents } = config
      const now = new Date()
      const { finishAuthority, rotateAuthority } = await import('../rotation/rotate-authority.ts')
      const print = (line: string) => console.log(line)
      if (options.finish) await finishAuthority({ state, published: agents.address, now, print })
      else await rotateAuthority({ state, now, print })
      console.log(
        'Next: systemctl start joinery-server; if there are keys files, make new ones: joinery-server keys export'
      )
    })
