import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Identity, loadIdentity } from '@joinery/agent/keys/identity.ts'
import { httpPairingServer } from '@joinery/agent/pairing/http-pairing-server.ts'
import type { PairingServer } from '@joinery/agent/pairing/pairing-server.ts'
import { systemClock } from '@joinery/agent/program/clock.ts'
import { connect, type OperatorClient } from '@joinery/cli/session/client.ts'
import { filesUnder } from '@joinery/host/files.ts'
import {
  type Check,
  type Facts,
  joiningLabel,
  type Labels,
  type NewCode,
  type TokenCredential
} from '@joinery/protocol'
import { Clock, Monotonic } from '@joinery/server/base/clock.ts'
import { Log, makeLog } from '@joinery/server/base/log.ts'
import { systemRandom } from '@joinery/server/base/random.ts'
import { kubeletRequest } from '@joinery/server/cluster/rehearsal/kubelet-request.ts'
import { type RehearsalCluster, rehearsalCluster } from '@joinery/server/cluster/rehearsal/rehearsal-cluster.ts'
import type { ServerConfig } from '@joinery/server/config/config.ts'
import { Dialler } from '@joinery/server/dial-back/dialler.ts'
import { init } from '@joinery/server/init/init.ts'
import { createContainer } from '@joinery/server/program/container.ts'
import { type Running, serve } from '@joinery/server/program/serve.ts'
import { Pacemaker } from '@joinery/server/reconcile/pacemaker.ts'
import { Reconciler } from '@joinery/server/reconcile/reconciler.ts'
import { Resolve } from '@joinery/server/reconcile/serving-certificates.ts'
import type { Test } from 'tap'
import { type Doors, rehearsalDoors } from '../../demo/doors.ts'
import { eventually } from '../contract/cluster-fixture.ts'

/** A clock that tests move on, beside its own pace: time passes; or set: only the wall clock shows another time. */
export class TestClock implements Clock {
  readonly #begun = new Date('2026-01-01T00:00:00Z').getTime() - performance.now()
  #passed = 0
  #set = 0
  /** How long the world goes on, which no setting changes. */
  monotonic = (): number => performance.now() + this.#passed
  /** What a clock shows that is right. */
  right = (): Date => new Date(this.#begun + this.monotonic())
  now = (): Date => new Date(this.right().getTime() + this.#set)
  advance = (milliseconds: number): void => {
    this.#passed += milliseconds
  }
  /** It is ahead by so much from now on; behind where that is negative. */
  setAhead = (milliseconds: number): void => {
    this.#set = milliseconds
  }
}

export interface Pairing {
  clock: TestClock
  cluster: RehearsalCluster
  operator: OperatorClient
  config: ServerConfig
  pin: string
  /** By which the server dials machines back. */
  doors: Doors
  /** The agents' URL; another one after each restart. */
  readonly url: string
  /** What the server logged so far. */
  readonly log: string
  /** A code for the name, by the operators' API. */
  code(name?: string, ttl?: number): Promise<NewCode>
  machine(machineId?: string): Promise<TestMachine>
  /** One pass of the reconciler, now, which is a sweep. */
  reconcile(): Promise<void>
  /** One that is none. */
  look(): Promise<void>
  restart(): Promise<void>
}

/** A machine as the server sees it: the agent's own protocol client and key, over real TLS. */
export interface TestMachine {
  identity: Identity
  facts: Facts
  readonly server: PairingServer
  enrol(
    code: string,
    more?: { name?: string; preflight?: Check[]; facts?: Facts; joinKey?: string; sealKey?: string }
  ): ReturnType<PairingServer['enrol']>
}

/** A real pairing server on loopback with a rehearsal cluster; closed after the test. */
export const openPairing = async (
  t: Test,
  more: Partial<Pick<ServerConfig, 'agentPackage' | 'credential' | 'servingCertificates' | 'lifetimes'>> = {},
  /** What happens to the cluster before the server is there. */
  before: (cluster: Pairing['cluster'], clock: Clock) => Promise<unknown> = async () => {},
  /** Registers other parts over the server's own. */
  over: (container: Awaited<ReturnType<typeof createContainer>>) => void = () => {}
): Promise<Pairing> => {
  const state = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(state, { recursive: true }))
  const clock = new TestClock()
  const { credential = 'token' } = more
  const rights = { secrets: credential === 'token', serving: more.servingCertificates === 'approve' }
  // its own clock: nobody sets that one
  const cluster = await rehearsalCluster({ now: clock.right }, systemRandom, rights)
  await before(cluster, clock)
  const pin = await init({
    stateDirectory: join(state, 'server'),
    configFile: join(state, 'server.yaml'),
    addresses: ['127.0.0.1'],
    machineAddresses: [],
    // TLS is checked by the real clock
    now: new Date(),
    print: () => {}
  })
  const config: ServerConfig = {
    agents: { listen: '127.0.0.1:0', address: 'https://127.0.0.1:7443' },
    operators: { socket: join(state, 'operator.sock') },
    state: join(state, 'server'),
    ...more,
    credential
  }
  const lines: string[] = []
  const doors = rehearsalDoors()
  const start = async (): Promise<{ running: Running; reconciler: Reconciler }> => {
    const container = await createContainer(config, cluster)
    container.register(Clock, { useValue: clock })
    container.register(Monotonic, { useValue: clock.monotonic })
    container.register(Dialler, { useValue: doors.dialler })
    container.register(Resolve, {
      useValue: async (host) => Promise.reject(new Error(`getaddrinfo ENOTFOUND ${host}`))
    })
    container.register(Log, { useValue: makeLog({ write: (line) => void lines.push(line) }) })
    over(container)
    // what takes a kubelet seconds takes a rehearsal milliseconds
    const pacemaker = new Pacemaker(container.resolve(Reconciler), container.resolve(Log), { rest: 1, idleRest: 1 })
    container.register(Pacemaker, { useValue: pacemaker })
    return { running: await serve(container, config), reconciler: container.resolve(Reconciler) }
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
    get log() {
      return lines.join('')
    },
    code: (name, ttl = 1800) => operator.createCode(name === undefined ? { ttl } : { name, ttl }),
    reconcile: () => current.reconciler.pass(true),
    look: () => current.reconciler.pass(false),
    restart: async () => {
      await current.running.close()
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

const testMachine = (pairing: Pairing, identity: Identity, facts: Facts): TestMachine => {
  let made: { url: string; server: PairingServer } | undefined
  const machine: TestMachine = {
    identity,
    facts,
    get server() {
      if (made?.url !== pairing.url) {
        made = {
          url: pairing.url,
          server: httpPairingServer(pairing.url, pairing.pin, async () => identity, systemClock)
        }
      }
      return made.server
    },
    enrol: (code, more = {}) => machine.server.enrol({ code, name: 'machine', facts, preflight: [], ...more })
  }
  return machine
}

export const factsOf = (machineId: string): Facts => ({
  hostname: `machine-${machineId.slice(0, 8)}`,
  machineId,
  productUuid: '',
  serial: '',
  macs: [`52:54:00:${createHash('sha256').update(machineId).digest('hex').slice(0, 6).replace(/..\B/g, '$&:')}`],
  addresses: ['127.0.0.1'],
  os: 'Debian GNU/Linux 13',
  kernel: '6.12',
  arch: 'x86_64',
  cpus: 2,
  memory: 2 ** 31,
  kubelet: 'v1.37.2',
  kubeadm: 'v1.37.2',
  runtime: 'containerd 2.4.2'
})

/** Approves what the operator sees now. */
export const approve = async ({ operator }: Pairing, reference: string) => {
  const { revision, key } = await operator.show(reference)
  return operator.approve(reference, { revision, key })
}

/** Retries what the operator sees now. */
export const retry = async ({ operator }: Pairing, reference: string) => {
  const { revision, key } = await operator.show(reference)
  return operator.retry(reference, { revision, key })
}

/** Claims, where the code gets a token. */
export const claimToken = async ({ server }: TestMachine): Promise<TokenCredential> => {
  const credential = await server.claim()
  if ('token' in credential) return credential
  throw new Error('it is a certificate')
}

/** What kubeadm and the kubelet do with a credential, up to the CSR; gives the CSR's name and the kubelet's key. */
export const askForCertificate = async ({ cluster }: Pairing, token: string, nodeName: string) => {
  const [id = '', secret = ''] = token.split('.')
  const { request, key } = await kubeletRequest(nodeName)
  return { csr: await cluster.submitCsr({ token: { id, secret }, request }), key }
}

/**
 * The rest of a join: the certificate is there, the kubelet registers its Node, as the agent had kubeadm configure it. Gives
 * the certificate.
 */
export const register = async (
  pairing: Pairing,
  machine: TestMachine,
  name: string,
  csr: string,
  key: string,
  labels: Labels = { [joiningLabel]: '' }
) => {
  const issued = async () => (await pairing.cluster.csr(csr))?.certificate
  const certificate = await eventually(`the certificate of ${csr}`, issued)
  const { machineId, addresses } = machine.facts
  await pairing.cluster.registerNode({ name, certificate, key, machineId, systemUuid: machineId, addresses, labels })
  return certificate
}

/** A machine whose CSR is approved, its kubelet not registered yet. */
export const approvedRequest = async (pairing: Pairing, machine: TestMachine, name: string) => {
  const { token } = await claimToken(machine)
  const request = await askForCertificate(pairing, token, name)
  await pairing.reconcile()
  return request
}

/** The problem code that a call is refused with; undefined where it is let through. */
export const refusedWith = async (call: Promise<unknown>): Promise<string | undefined> =>
  call.then(
    () => undefined,
    (error: { code?: string; problem?: { code: string } }) => error.code ?? error.problem?.code ?? String(error)
  )
