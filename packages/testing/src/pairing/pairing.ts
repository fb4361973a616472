import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { loadIdentity } from '@joinery/agent/testing/keys'
import { connect, type SocketClient } from '@joinery/cli/testing/session'
import { filesUnder } from '@joinery/host/files'
import type { CodeRequest, NewCode } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { ServerConfig } from '@joinery/server/testing/config'
import type { createContainer, Running } from '@joinery/server/testing/program'
import type { Diagnoses, Reconciler } from '@joinery/server/testing/reconcile'
import type { Test } from 'tap'
import { TestClock } from '../clocks/test-clock.ts'
import { type FakeCluster, fakeCluster } from '../cluster/fake/fake-cluster.ts'
import { factsOfRehearsal, fixFacts } from '../cluster/fix-facts.ts'
import { type Doors, rehearsalDoors } from '../doors/doors.ts'
import { presentServer, type ServerProgram } from '../processes/server-program.ts'
import { serverHost } from './server-host.ts'
import { factsOf, type TestMachine, testMachine } from './test-machine.ts'

export interface Pairing {
  clock: TestClock
  cluster: FakeCluster
  operator: SocketClient
  config: ServerConfig
  pin: string
  /** Doors through which the server dials machines back. */
  doors: Doors
  /** URL of the agents' listener. It changes at each restart. */
  readonly url: string
  /** Port of the listener for metrics. It changes at each restart. */
  readonly metricsPort: number | undefined
  /** Text that the server logged so far. */
  readonly log: string
  /** Makes a code for the name, by the operators' API. `more`: what it also says. */
  code(name?: string, ttl?: number, more?: Omit<CodeRequest, 'name' | 'ttl'>): Promise<NewCode>
  machine(machineId?: string): Promise<TestMachine>
  /** Runs one pass of the reconciler now, which is a sweep. But for a server's first pass, nobody else sweeps. */
  reconcile(): Promise<void>
  /** Runs one pass of the reconciler now that is no sweep. */
  look(): Promise<void>
  /** Looks now at the Nodes that are not Ready and due. Nobody else does. */
  diagnose(): Promise<void>
  /** Brings what was committed so far into the audit log. Nobody else does, but whoever reads that log. */
  audit(): Promise<void>
  /**
   * Ends the server, and starts another one on what it leaves: the same program, or that one from now on. `meanwhile` is done while
   * none runs.
   */
  restart(next?: { program?: ServerProgram; meanwhile?: () => Promise<void> }): Promise<void>
}

/** The longest time that a timer takes, in milliseconds. */
const never = 2 ** 31 - 1

/** Opens a real pairing server on loopback with a rehearsal cluster, and closes it after the test. */
export const openPairing = async (
  t: Test,
  more: Partial<
    Pick<
      ServerConfig,
      | 'agentPackage'
      | 'metrics'
      | 'credential'
      | 'servingCertificates'
      | 'diagnosis'
      | 'lifetimes'
      | 'recover'
      | 'policy'
      | 'joinsAtOnce'
      | 'webhooks'
      | 'tracing'
    >
  > = {},
  /** Happens to the cluster before the server is there. */
  before: (cluster: Pairing['cluster'], clock: TestClock) => Promise<unknown> = async () => {},
  /** Registers other parts over the server's own. */
  over: (container: Awaited<ReturnType<typeof createContainer>>) => void = () => {},
  program: ServerProgram = presentServer
): Promise<Pairing> => {
  const { folder: state, pin } = await serverHost(t)
  const clock = new TestClock()
  const { credential = 'token' } = more
  const rights = {
    secrets: credential === 'token',
    serving: more.servingCertificates === 'approve',
    diagnosis: more.diagnosis === 'on'
  }
  // its own clock: nobody sets the cluster's clock
  const cluster = await fakeCluster({ now: clock.right }, rights)
  await before(cluster, clock)
  const config: ServerConfig = {
    agents: { listen: '127.0.0.1:0', address: 'https://127.0.0.1:7443' },
    operators: { socket: join(state, 'operator.sock') },
    state: join(state, 'server'),
    ...more,
    credential
  }
  await fixFacts(config, await factsOfRehearsal(cluster))
  const lines: string[] = []
  const doors = rehearsalDoors()
  let present = program
  const start = async (): Promise<{ running: Running; reconciler: Reconciler; diagnoses: Diagnoses }> => {
    const { createContainer, serve, Budgets, budgets, Clock, Log, makeLog, Monotonic } = present
    const { Counting, Diagnoses, Dialler, Pacemaker, Reconciler, Resolve } = present
    const container = await createContainer(config, cluster, { views: cluster.views })
    container.register(Clock, { useValue: clock })
    container.register(Monotonic, { useValue: clock.monotonic })
    container.register(Dialler, { useValue: doors.dialler })
    container.register(Resolve, {
      useValue: async (host) => Promise.reject(new Error(`getaddrinfo ENOTFOUND ${host}`))
    })
    // a rehearsal shows at once what takes a real server a second
    container.register(Budgets, {
      useValue: {
        ...budgets,
        // only when a test says so
        diagnosis: { ...budgets.diagnosis, pause: never },
        audit: { ...budgets.audit, gather: never },
        policy: { ...budgets.policy, look: 10, gather: 1 },
        views: { ...budgets.views, writes: { each: 1, burst: 1_000 }, each: 1, arriving: 1, putBack: 1, page: 1 }
      }
    })
    container.register(Log, { useValue: makeLog({ write: (line) => void lines.push(line) }) })
    over(container)
    // a rehearsal needs milliseconds for what takes a kubelet seconds, and sweeps when a test says so
    const pacemaker = new Pacemaker(
      container.resolve(Reconciler),
      container.resolve(Log),
      { rest: 1, idleRest: 1, sweep: never },
      { meter: container.resolve(Counting).ports.passes }
    )
    container.register(Pacemaker, { useValue: pacemaker })
    return {
      running: await serve(container, config),
      reconciler: container.resolve(Reconciler),
      diagnoses: container.resolve(Diagnoses)
    }
  }
  let current = await start()
  const operator = connect(config.operators.socket)
  t.teardown(async () => {
    await operator.close()
    await current.running.close()
  })

  const pairing: Pairing = {
    clock,
    cluster,
    operator,
    config,
    pin,
    doors,
    get url() {
      return `https://127.0.0.1:${current.running.port}`
    },
    get metricsPort() {
      return current.running.metricsPort
    },
    get log() {
      return lines.join('')
    },
    code: (name, ttl = 1800, more = {}) => operator.createCode({ ...given({ name }), ttl, ...more }),
    reconcile: () => current.reconciler.pass(true),
    look: () => current.reconciler.pass(false),
    diagnose: () => current.diagnoses.round(),
    audit: async () => void (await operator.listAuditLogs()),
    restart: async ({ program = present, meanwhile } = {}) => {
      await current.running.close()
      await meanwhile?.()
      present = program
      current = await start()
    },
    machine: async (machineId = randomBytes(16).toString('hex')) => {
      const facts = factsOf(machineId)
      const identity = await loadIdentity(filesUnder(state), `/agent-${randomUUID()}`, facts)
      return testMachine(pairing, identity, facts)
    }
  }
  return pairing
}
