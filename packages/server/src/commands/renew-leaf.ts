import { Command } from 'commander'
import { machineAddresses } from '../core/base/addresses.ts'
import { loadConfig } from '../core/config/config.ts'
import { defaultConfigFile } from './paths.ts'

const examples = `Examples:
  joinery-server renew-leaf
  systemctl list-timers joinery-server-renew.timer

Makes a new certificate of the listener for agents if it is damaged, ends within 30 days, or does not name the host of
agents.address. It lives 90 days. joinery-server-renew.timer does it each day, and so does each start of the server, as root:
the server itself cannot read the key of its CA. A server that runs serves the new certificate within an hour.
Safe to run again, and while the server runs.
`

export const renewLeafCommand = (): Command =>
  new Command('renew-leaf')
    .summary("renew the certificate of the agents' listener, if it needs that")
    .addHelpText('before', examples)
    .option('--config <file>', 'configuration of this server', defaultConfigFile)
    .action(async (options: { config: string }) => {
      const { state, agents } = await loadConfig(options.config)
      const { renewLeaf } = await import('../core/keys/renew-leaf.ts')
      await renewLeaf({
        state,
        address: agents.address,
        machine: machineAddresses(),
        now: new Date(),
        print: (line) => console.log(line)
      })
    })
