import { execFile } from 'node:child_process'
import { fstatSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isJournal } from '@joinery/host/text/journal-line'
import { watchdogInterval } from '@joinery/host/watchdog-interval'
import { connectionTo } from '@joinery/kube'
import { given } from '@joinery/protocol/given'
import { Command } from 'commander'
import { Clock } from '../base/clock.ts'
import { Log, makeLog } from '../base/log.ts'
import { startWatchdog } from '../base/watchdog.ts'
import { clusterClock } from '../cluster/cluster-clock.ts'
import { keepCredential } from '../cluster/kubernetes/credential/keep-credential.ts'
import { kubernetesCodes } from '../cluster/kubernetes/door/codes.ts'
import { kubernetesDecisions } from '../cluster/kubernetes/door/decisions.ts'
import { kubernetesViews } from '../cluster/kubernetes/door/kubernetes-views.ts'
import { kubernetesCluster } from '../cluster/kubernetes/kubernetes-cluster.ts'
import { kubernetesNodeEvents } from '../cluster/kubernetes/nodes/node-events.ts'
import { loadConfig } from '../config/config.ts'
import { forwardedPort } from '../config/forwarded-port.ts'
import { Codes } from '../kubernetes-door/codes/codes.ts'
import { Decisions } from '../kubernetes-door/decisions/decisions.ts'
import { NodeEvents } from '../notices/node-events/node-events.ts'
import { createContainer } from '../program/container.ts'
import { serve } from '../program/serve.ts'
import { takeState } from '../store/sqlite/take-state.ts'
import { defaultConfigFile } from './paths.ts'

const examples = `Examples:
  systemctl enable --now joinery-server         as a service: the usual way
  joinery-server run                            in the foreground
`

export const runCommand = (): Command =>
  new Command('run')
    .summary('serve agents and operators')
    .addHelpText('before', examples)
    .option('--config <file>', 'configuration of this server', defaultConfigFile)
    .action(async (options: { config: string }) => {
      const config = await loadConfig(options.config)
      // before anything of the state is read, and before the socket is taken
      const taken = takeState(config.state)
      const { apiEndpoint } = config
      const overrides = apiEndpoint === undefined ? {} : { apiEndpoint }
      const kubeconfig = join(config.state, 'kubeconfig')
      const cluster = kubernetesCluster(kubeconfig, overrides)
      const container = await createContainer(config, cluster, { views: kubernetesViews(kubeconfig) })
      const access = connectionTo(kubeconfig)
      container.register(Decisions, { useValue: kubernetesDecisions(access) })
      container.register(Codes, { useValue: kubernetesCodes(access) })
      container.register(NodeEvents, { useValue: kubernetesNodeEvents(access) })
      container.register(Log, {
        useValue: makeLog(undefined, {
          forJournal: isJournal(process.env, fstatSync(1)),
          ...given({ format: config.logFormat })
        })
      })
      const serving = serve(container, config)
      const begun: { stop(): void }[] = []
      let stopping = false
      const stop = () => {
        stopping = true
        for (const part of begun) part.stop()
        // if it could not start, the action says so
        const closed = serving.then(
          (running) => running.close(),
          () => {}
        )
        void closed.finally(() => taken.release())
      }
      // before an operator is answered, who may then end the server in good order
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop)
      await serving
      if (stopping) return
      const log = container.resolve(Log)
      log.info({ agents: config.agents.listen, operators: config.operators.socket }, 'serving')
      const forwarded = forwardedPort(config.agents)
      if (forwarded !== undefined) log.warn(forwarded)
      const timers = { setInterval, clearInterval }
      const credential = keepCredential({
        kubeconfigFile: kubeconfig,
        clock: clusterClock(cluster, container.resolve(Clock)),
        log,
        timers
      })
      const tell = (...words: string[]) => promisify(execFile)('systemd-notify', words)
      const every = watchdogInterval(process.env, process.pid)
      begun.push(credential)
      if (every !== undefined) begun.push(startWatchdog({ every, ping: () => tell('WATCHDOG=1'), timers }))
      // `systemctl start` ends now: an operator's next command finds the socket
      if (process.env.NOTIFY_SOCKET !== undefined) await tell('--ready')
    })
