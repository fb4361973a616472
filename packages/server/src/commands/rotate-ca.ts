import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { given } from '@joinery/protocol/given'
import { Command } from 'commander'
import { systemMonotonic } from '../core/base/clock.ts'
import { loadConfig, type ServerConfig } from '../core/config/config.ts'
import type { WatchedServers } from '../core/leadership/rotation/watched-servers.ts'
import { fixedCluster } from '../core/trust/fixed-facts.ts'
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

With store: cluster, run it on one host, and take the next CA to the others in a keys file: joinery-server keys export, and
joinery-server init --keys FILE. --finish is for each host. The first one refuses while another server is there without the
next CA. It looks for half a minute to know which are there; --away names one that does not count, such as one that is gone.
`

export const rotateAuthorityCommand = (): Command =>
  new Command('rotate-ca')
    .summary('make the CA that comes next, and put it in place')
    .addHelpText('before', examples)
    .option('--finish', 'put the next CA in the place of the present one', false)
    .option(
      '--away <url>',
      'with --finish: go on without the server at this URL, whatever is heard of it; may be repeated',
      (url: string, before: string[] = []) => [...before, url]
    )
    .option('--config <file>', 'configuration of this server', defaultConfigFile)
    .action(async (options: { finish: boolean; away?: string[]; config: string }) => {
      const config = await loadConfig(options.config)
      const { state, agents } = config
      const others = config.store === 'cluster' ? await othersOf(config) : undefined
      const now = new Date()
      const { finishAuthority, rotateAuthority } = await import('../core/leadership/rotation/rotate-authority.ts')
      const print = (line: string) => console.log(line)
      if (options.finish)
        await finishAuthority({
          state,
          others,
          ...given({ away: options.away }),
          published: agents.address,
          now,
          print
        })
      else await rotateAuthority({ state, others, now, print })
      console.log(
        'Next: systemctl start joinery-server; if there are keys files, make new ones: joinery-server keys export'
      )
    })

/** The other servers of the installation, as the cluster has them. */
const othersOf = async ({ state, agents }: ServerConfig): Promise<WatchedServers> => {
  const [{ clusterObjects }, { WatchedServers }] = await Promise.all([
    import('../program/cluster-objects.ts'),
    import('../core/leadership/rotation/watched-servers.ts')
  ])
  return new WatchedServers({
    presences: clusterObjects(join(state, 'kubeconfig')).presences,
    own: agents.address,
    cluster: () => fixedCluster(state),
    monotonic: systemMonotonic,
    sleep: (milliseconds) => setTimeout(milliseconds)
  })
}
