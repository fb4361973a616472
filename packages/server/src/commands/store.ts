import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { adminConnection, asAdmin } from '@joinery/kube/doctor'
import { beta } from '@joinery/protocol'
import { Command, Option } from 'commander'
import { endLog } from '../adapters/kubernetes/log/end-log.ts'
import { sayProgram } from '../adapters/kubernetes/setup/say-program.ts'
import { budgets } from '../core/base/budgets.ts'
import { systemMonotonic } from '../core/base/clock.ts'
import { makeLog } from '../core/base/log.ts'
import { systemRandom } from '../core/base/random.ts'
import { StartRefusal } from '../core/base/start-refusal.ts'
import { loadConfig, type ServerConfig } from '../core/config/config.ts'
import { takeState } from '../core/ports/store/take-state.ts'
import type { LogClock, LogParts } from '../features/high-availability/feature.ts'
import { HeadSight } from '../features/high-availability/feature.ts'
import { clusterObjects } from '../program/cluster-objects.ts'
import { logKeysOf, logPartsOf } from '../program/log-parts-of.ts'
import { adoptOfCluster, adoptOfThisHost } from '../program/moving/adopt.ts'
import { endingMark } from '../program/moving/ending-mark.ts'
import { moveToCluster, moveToFile } from '../program/moving/move.ts'
import { asOnlyServer, type OnlyParts } from '../program/moving/only-server.ts'
import { seenHeadFile } from '../program/seen-head-file.ts'
import { defaultConfigFile } from './paths.ts'
import { adminConf, kubeconfigs, setUpFor } from './setup.ts'

const examples = `Examples:
  joinery-server store move --to cluster        from the file of this host into etcd, for several servers
  joinery-server store move --to file           back into a file, for one server
  joinery-server store adopt --cluster          etcd was restored: what the cluster has is right
  joinery-server store adopt --local            objects were lost there: what this host has is right

Stop joinery-server on every host first: systemctl stop joinery-server. These commands go on only if no server is active.
`

export const storeCommand = (): Command =>
  new Command('store')
    .summary(`move what the servers know, or say which copy of it is right ${beta}`)
    .addHelpText('before', examples)
    .addCommand(moveCommand())
    .addCommand(adoptCommand())

const moveExamples = `Examples:
  joinery-server store move --to cluster
  joinery-server store move --to file --kubeconfig /etc/kubernetes/admin.conf

Moves everything, and ends every token of the server's account, so that no server that was forgotten goes on with what it
had. With --to file the log in the cluster ends. Set store: in the configuration to the same place afterwards.
`

const moveCommand = (): Command =>
  new Command('move')
    .summary(`move what this server knows into the cluster, or back into a file ${beta}`)
    .addHelpText('before', moveExamples)
    .addOption(new Option('--to <place>', 'new place').choices(['cluster', 'file']).makeOptionMandatory())
    .option('--kubeconfig <file>', `kubeconfig of a cluster administrator (default: KUBECONFIG, else ${adminConf})`)
    .option('--config <file>', 'configuration of this server', defaultConfigFile)
    .action(async (options: { to: 'cluster' | 'file'; kubeconfig?: string; config: string }) => {
      const config = await loadConfig(options.config)
      const { state } = config
      const admin = kubeconfigs(options.kubeconfig, process.env.KUBECONFIG)
      // older tokens die: a server that somebody forgot must not go on with what it had
      const renewed = () => setUpFor(config, admin, { log: options.to === 'cluster', renew: true })
      await stopped(state, async () => {
        if (options.to === 'cluster') {
          await renewed()
          await withLog(config, (log) => moveToCluster({ state, log, print }))
        } else {
          const end = () => asAdmin(adminConnection(admin, { program: sayProgram }), endLog)
          const endOf = { endLog: end, ending: endingMark(state) }
          await withLog(config, (log, { seen }) => moveToFile({ state, log, print }, { ...endOf, seen }))
          await renewed()
        }
      })
      print(`Next: set store: ${options.to} in ${options.config}, then systemctl start joinery-server`)
    })

const adoptExamples = `Examples:
  joinery-server store adopt --cluster
  joinery-server store adopt --local

A server refuses to start if the log in the cluster is not the one that it knows. With --cluster what the cluster has is
right, and the file of this host is put aside. With --local what this host has is right, and is written to the cluster anew.
What only the other copy has is lost, so open codes are revoked, and approvals are asked again. Then look at joinery list.
`

const adoptCommand = (): Command =>
  new Command('adopt')
    .summary(`say which copy of the log is right, after a restore or a loss ${beta}`)
    .addHelpText('before', adoptExamples)
    .addOption(new Option('--cluster', 'what the cluster has is right').conflicts('local'))
    .option('--local', 'what this host has is right')
    .option('--config <file>', 'configuration of this server', defaultConfigFile)
    .action(async (options: { cluster?: true; local?: true; config: string }) => {
      if (!options.cluster && !options.local) {
        throw new StartRefusal('it does not say which copy is right', 'joinery-server store adopt --help')
      }
      const config = await loadConfig(options.config)
      const { state } = config
      const adopt = options.cluster ? adoptOfCluster : adoptOfThisHost
      await stopped(state, () =>
        withLog(config, (log, memory) => adopt({ state, log, memory, now: new Date(), print }))
      )
      print('Next: systemctl start joinery-server, then joinery status')
    })

const print = (line: string): void => console.log(line)

/** Does `work` while the server of this host does not run. */
const stopped = async (state: string, work: () => Promise<void>): Promise<void> => {
  const taken = takeState(state)
  try {
    await work()
  } finally {
    taken.release()
  }
}

/** Does `work` with the log, while no server is active, and with the memory of this host. */
const withLog = async (
  config: ServerConfig,
  work: (log: LogParts, memory: HeadSight) => Promise<void>
): Promise<void> => {
  const log = makeLog(undefined, { forJournal: false })
  const { state } = config
  const { lease, log: objects } = clusterObjects(join(state, 'kubeconfig'))
  const looking = { objects, keys: await logKeysOf(state), known: undefined, sleep: async () => {}, log }
  const memory = new HeadSight({ ...looking, file: seenHeadFile(state) })
  await memory.begin()
  const only: OnlyParts = {
    lease,
    address: config.agents.address,
    log,
    say: console.error,
    taking: (found, { acquired }) => memory.taking({ found, acquired })
  }
  await asOnlyServer(only, async ({ holder, mayGoOn }) => {
    const parts = await logPartsOf({ config, objects, holder, random: systemRandom, budgets, log })
    await work({ ...parts, clock: patientClock, mayGoOn }, memory)
  })
}

/** The clock of a command, which has nothing but the pauses between its tries to keep it alive. What waits longer waits for nobody. */
const patientClock: LogClock = {
  monotonic: systemMonotonic,
  sleep: (milliseconds) => setTimeout(milliseconds, undefined, { ref: milliseconds <= budgets.clusterLog.pauseAtMost })
}
