import { X509Certificate } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSecureContext, type SecureContext } from 'node:tls'
import { loadIdentity } from '@joinery/agent/testing/keys'
import { memoryFiles } from '@joinery/fake-machine'
import { agentRoutes, type Facts, fingerprint, joiningLabel, noFacts } from '@joinery/protocol'
import type { Seeded } from '@joinery/testing/chance/seeded'
import { type ClusterWorld, Refusal } from '@joinery/testing/cluster/world/cluster-world'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { AgentConnection } from '../bench/inside/connection.ts'
import { newFacts } from '../bench/inside/enrol-request.ts'
import { type Exchange, isAcknowledged } from './history.ts'
import type { Operator, OperatorCall } from './operator.ts'
import type { Act, Step } from './plan/way.ts'
import type { Recorder } from './recorder.ts'

/** What a machine, its kubelet and its operator speak to. */
export interface Surroundings {
  server: { readonly port: number | undefined }
  /** PEM of the server's CA. */
  authority: string
  operator: Operator
  cluster: Pick<ClusterWorld, 'csr' | 'registerNode' | 'setNodeReady' | 'submitCsr'>
  recorder: Recorder
  /** Codes, and secrets of tokens. */
  secrets: Set<string>
  random: Seeded
  /** No step is begun any more. */
  over: AbortSignal
  patience?: Patience
}

/** In milliseconds of the host: for an answer, for a step that is tried again, for a certificate that was asked for. */
export interface Patience {
  answer: number
  step: number
  certificate: number
}

/** Enough for a server that is started again at once. */
const usual: Patience = { answer: 8000, step: 6000, certificate: 1500 }

interface Key {
  context: SecureContext
  fingerprint: string
}

/** One machine with its kubelet and its operator: does the steps of its way, one after the other, and writes down the answers. */
export class Machine {
  readonly #around: Surroundings
  readonly #patience: Patience
  readonly #name: string
  readonly #facts: Facts = newFacts()
  /** Made once, also if two calls want it at once. */
  #key: Promise<Key> | undefined
  #otherKey: Key | undefined
  #connection: AgentConnection | undefined
  #code = { id: 'none', code: '' }
  #id = 'none'
  #revision = 0
  #credential = { attempt: 1, token: '', nodeName: '' }
  #kubelet: { csr: string; key: string } | undefined
  #certificate: string | undefined

  constructor(around: Surroundings, name: string) {
    this.#around = around
    this.#patience = around.patience ?? usual
    this.#name = name
  }

  async go(way: readonly Step[]): Promise<void> {
    const { over } = this.#around
    for (const step of way) {
      if (over.aborted) break
      await sleep(step.pause)
      await this.#do(step)
    }
    this.#connection?.close()
  }

  /** Until it is answered; at most so long, and once where the step is not patient. */
  async #do({ act, patient, hangUp }: Step): Promise<void> {
    const end = performance.now() + this.#patience.step
    for (let tries = 1; ; tries += 1) {
      // who hammers a server that is down only keeps it from its start
      while (this.#around.server.port === undefined && !this.#around.over.aborted) await sleep(50)
      const exchange = await this.#acts[act](hangUp)
      const again = exchange !== undefined && isForLater(exchange)
      if (!again || !patient || this.#around.over.aborted || performance.now() > end) return
      await sleep(Math.min(50 * tries, 400))
    }
  }

  readonly #acts: Record<Act, (hangUp?: number) => Promise<Exchange | undefined>> = {
    invite: async () => {
      const exchange = await this.#around.operator.ask('createCode', undefined, { ttl: 1800, name: this.#name })
      this.#code = read(exchange) ?? this.#code
      if (this.#code.code !== '') this.#around.secrets.add(this.#code.code)
      return exchange
    },
    enrol: async (hangUp) => this.#enrol(await this.#ownKey(), this.#facts, hangUp),
    'second-key': async (hangUp) => {
      this.#otherKey ??= await newKey(this.#around.authority)
      return this.#enrol(this.#otherKey, newFacts(), hangUp)
    },
    observe: (hangUp) => this.#ask('observe', { facts: this.#facts, preflight: [] }, { hangUp }),
    'become-another': (hangUp) => {
      const other = this.#around.random.chance(0.5) ? { serial: 'another' } : { machineId: newFacts().machineId }
      return this.#ask('observe', { facts: { ...this.#facts, ...other }, preflight: [] }, { hangUp })
    },
    wait: (hangUp) => this.#ask('wait', undefined, { query: `?after=${this.#revision}&wait=20`, hangUp }),
    approve: () => this.#decide('approve'),
    'approve-stale': () => this.#decide('approve', -1),
    claim: (hangUp) => this.#claim(hangUp),
    'claim-twice': async () => {
      const [one] = await Promise.all([this.#claim(), this.#claim(undefined, true)])
      return one
    },
    progress: (hangUp) => {
      const { attempt } = this.#credential
      return this.#ask('progress', { attempt, stage: '[kubelet-start] Starting the kubelet' }, { hangUp })
    },
    ask: async () => {
      this.#kubelet ??= await this.#askCluster()
      return undefined
    },
    'ask-again': async () => {
      await this.#askCluster()
      return undefined
    },
    register: async () => {
      await this.#register().catch(ignoreRefusal)
      return undefined
    },
    'report-ready': async (hangUp) => {
      if (this.#certificate === undefined) return undefined
      const { publicKey, serialNumber: serial } = new X509Certificate(this.#certificate)
      const certificate = { fingerprint: fingerprint(publicKey), serial }
      return this.#ask('outcome', { outcome: 'ready', certificate }, { hangUp })
    },
    'report-failed': (hangUp) => {
      const { attempt } = this.#credential
      const failed = { outcome: 'failed', attempt, class: 'machine', stage: '[preflight]', output: [] }
      this.#kubelet = undefined
      return this.#ask('outcome', failed, { hangUp })
    },
    reject: () => this.#operate('reject', { reason: 'no' }),
    revoke: () => this.#around.operator.ask('revokeCode', this.#code.id),
    release: async () => {
      const own = await this.#ownKey()
      const right = this.#around.random.chance(0.7) ? own : (this.#otherKey ?? own)
      return this.#operate('release', { key: right.fingerprint })
    },
    retry: () => this.#decide('retry'),
    remove: () => this.#operate('remove')
  }

  async #enrol(key: Key, facts: Facts, hangUp?: number): Promise<Exchange> {
    const { code } = this.#code
    const exchange = await this.#ask('enrol', { code, name: this.#name, facts, preflight: [] }, { key, hangUp })
    if (key === (await this.#ownKey())) this.#id = read<{ id: string }>(exchange)?.id ?? this.#id
    return exchange
  }

  async #claim(hangUp?: number, beside = false): Promise<Exchange> {
    const exchange = await this.#ask('claim', undefined, { hangUp, beside })
    const credential = read<{ attempt: number; token: string; nodeName: string }>(exchange)
    if (credential === undefined) return exchange
    this.#around.secrets.add(credential.token.slice(7))
    if (credential.token !== this.#credential.token) this.#kubelet = undefined
    this.#credential = credential
    return exchange
  }

  /** The CSR of its kubelet; undefined where the cluster refuses it. */
  async #askCluster(): Promise<{ csr: string; key: string } | undefined> {
    const [id = '', secret = ''] = this.#credential.token.split('.')
    const { request, key } = await kubeletRequest(this.#credential.nodeName)
    const csr = await this.#around.cluster.submitCsr({ token: { id, secret }, request }).catch(ignoreRefusal)
    return csr === undefined ? undefined : { csr, key }
  }

  /** Once its certificate is there, the kubelet makes its Node and says that it is Ready. */
  async #register(): Promise<void> {
    const { cluster } = this.#around
    const kubelet = this.#kubelet
    if (kubelet === undefined) return
    const end = performance.now() + this.#patience.certificate
    let certificate: string | undefined
    for (; certificate === undefined && performance.now() < end; await sleep(20)) {
      certificate = (await cluster.csr(kubelet.csr))?.certificate
    }
    if (certificate === undefined) return
    this.#certificate = certificate
    const { nodeName: name } = this.#credential
    const { machineId, productUuid: systemUuid } = this.#facts
    const labels = { [joiningLabel]: '' }
    await cluster.registerNode({ name, certificate, key: kubelet.key, machineId, systemUuid, labels })
    await cluster.setNodeReady(name, 'True', 'KubeletReady', '')
  }

  /** On what is shown now; `older`: on a revision of before that. */
  async #decide(call: 'approve' | 'retry', older = 0): Promise<Exchange> {
    const shown = await this.#operate('show')
    const { revision, key } = read<{ revision: number; key: string }>(shown) ?? {}
    if (revision === undefined) return shown
    return this.#operate(call, { revision: revision + older, key })
  }

  #operate(call: OperatorCall, body?: object): Promise<Exchange> {
    return this.#around.operator.ask(call, this.#id, body)
  }

  #ownKey(): Promise<Key> {
    this.#key ??= newKey(this.#around.authority)
    return this.#key
  }

  /** `beside`: on a connection of its own. */
  async #ask(
    call: keyof typeof agentRoutes,
    body: object | undefined,
    { key, query = '', hangUp, beside = hangUp !== undefined }: AskOptions = {}
  ): Promise<Exchange> {
    const own = await this.#ownKey()
    const isOwn = key === undefined || key === own
    const { method, path } = agentRoutes[call]
    const asked = { call, key: (key ?? own).fingerprint, ...(body && { body }) }
    const exchange = await this.#around.recorder.record(asked, async () => {
      const { port } = this.#around.server
      if (port === undefined) return undefined
      const isShared = !beside && isOwn
      const connection = (isShared && this.#connection) || new AgentConnection(port, (key ?? own).context)
      if (isShared) this.#connection = connection
      const over = sleep(hangUp ?? this.#patience.answer, undefined, { ref: false })
      try {
        const answer = await Promise.race([
          connection.request(method, path + query, body && JSON.stringify(body)),
          over.then(() => undefined)
        ])
        // whoever is not active stays so: the next server is asked on a connection of its own
        if (answer !== undefined && isShared && !answer.body.includes('"not-active"')) return answer
        connection.close()
        if (isShared) this.#connection = undefined
        return answer
      } catch (error) {
        connection.close()
        if (isShared) this.#connection = undefined
        throw error
      }
    })
    if (isOwn) this.#revision = read<{ revision: number }>(exchange)?.revision ?? this.#revision
    return exchange
  }
}

interface AskOptions {
  key?: Key
  query?: string
  hangUp?: number | undefined
  beside?: boolean
}

/** What an agent tries again by itself. */
const isForLater = ({ status }: Exchange): boolean => status === undefined || status === 429 || status >= 500

const read = <T>(exchange: Exchange): T | undefined =>
  isAcknowledged(exchange) && exchange.text !== '' ? JSON.parse(exchange.text ?? '') : undefined

const ignoreRefusal = (error: unknown): undefined => {
  if (!(error instanceof Refusal)) throw error
}

const newKey = async (ca: string): Promise<Key> => {
  const { key, certificate, fingerprint } = await loadIdentity(memoryFiles(), '', noFacts)
  return { context: createSecureContext({ key, cert: certificate, ca, minVersion: 'TLSv1.3' }), fingerprint }
}
