import { join } from 'node:path'
import { Command } from 'commander'
import { setup } from '../adapters/kubernetes/setup/setup.ts'
import { clusterPartsOf } from '../core/config/cluster-parts.ts'
import { loadConfig, type ServerConfig } from '../core/config/config.ts'
import { defaultConfigFile } from './paths.ts'

/** The administrator's kubeconfig that kubeadm makes. */
export const adminConf = '/etc/kubernetes/admin.conf'

const examples = `Examples:
  joinery-server setup
  joinery-server setup --kubeconfig /etc/kubernetes/admin.conf
  joinery-server setup --kubeconfig /etc/kubernetes/admin.conf --renew

Gives this server an account of its own in the cluster, with the rights that it needs and admission policies that
narrow them. The administrator's kubeconfig is used for this one run. Safe to run again: it puts back what was changed and
renews the server's credential. With credential: certificate in the configuration the server has no right to Secrets,
and setup takes away an earlier one. With servingCertificates: approve it may approve kubelets' serving certificates.
With diagnosis: on it may read Pods, DaemonSets and the Leases of Nodes. With store: cluster it may keep its log there.
--renew ends every token that the account ever had, stolen ones too. It takes 15 seconds more, and agents wait meanwhile.
`

export const setupCommand = (): Command =>
  new Command('setup')
    .summary('give this server its account in the cluster')
    .addHelpText('before', examples)
    .option('--kubeconfig <file>', `kubeconfig of a cluster administrator (default: KUBECONFIG, else ${adminConf})`)
    .option('--config <file>', 'configuration of this server', defaultConfigFile)
    .option('--renew', 'end every earlier token of the account', false)
    .action(async (options: { kubeconfig?: string; config: string; renew: boolean }) => {
      const config = await loadConfig(options.config)
      const admin = kubeconfigs(options.kubeconfig, process.env.KUBECONFIG)
      await setUpFor(config, admin, { log: config.store === 'cluster', renew: options.renew })
    })

/** Sets this server up as its configuration says. `log`: with the rights to keep a log in the cluster. */
export const setUpFor = (
  config: ServerConfig,
  adminKubeconfigs: readonly string[],
  { log, renew }: { log: boolean; renew: boolean }
): Promise<void> =>
  setup({
    adminKubeconfigs,
    serverKubeconfig: join(config.state, 'kubeconfig'),
    parts: { ...clusterPartsOf(config), log },
    renew,
    apiEndpoint: config.apiEndpoint,
    now: new Date(),
    print: (line) => console.log(line)
  })

/** Kubeconfig files: those that were given, else KUBECONFIG (a list with colons), else kubeadm's. */
export const kubeconfigs = (given: string | undefined, environment: string | undefined): string[] => {
  if (given !== undefined) return [given]
  const listed = (environment ?? '').split(':').filter((file) => file !== '')
  return listed.length > 0 ? listed : [adminConf]
}
