import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  digestOf,
  fingerprint,
  hostAndPort,
  minute,
  type Statement,
  type StatementAnswer,
  version
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { openNextPin, type Signer, signStatement } from '@joinery/protocol/statement'
import type { Clock } from '../base/clock.ts'
import { readIfThere } from '../base/files.ts'
import type { Logger } from '../base/log.ts'
import { Nap } from '../base/nap.ts'
import { apiServerUrl } from '../cluster/kubernetes/endpoint.ts'
import type { OtherServers } from '../services/code/other-servers.ts'
import type { AgentPackage } from '../store/agent-packages.ts'
import { fixedFacts } from './fixed-facts.ts'

/** Times in milliseconds. */
export const statementTimes = {
  /** Pause between two looks at what the statement says. */
  look: 10_000,
  /** Age at which a statement is signed again, if nothing has changed. */
  renewed: 10 * minute
} as const

/** File of the state folder with the signed text that names the next pin. `rotate-ca` writes it. */
export const nextPinFile = 'next-pin.jws'

export interface SignedAnswer {
  answer: StatementAnswer
  digest: string
}

/** The statement of this server, as it is signed now. */
export interface CurrentStatement {
  /** Undefined if the server cannot sign one. */
  readonly current: SignedAnswer | undefined
}

interface Parts {
  /** The state folder. */
  state: string
  /** URL of this server, as it is configured. */
  server: string
  /** Endpoint of the Kubernetes API for machines, as root configured it. Undefined if `setup` fixed it. */
  apiEndpoint: string | undefined
  others: OtherServers
  agentPackage: () => Promise<AgentPackage | undefined>
  clock: Clock
  log: Pick<Logger, 'warn'>
}

/**
 * Signs what this server knows by itself: its configuration, the files of its host, and servers that have proven that they have its keys.
 * Nothing of it is read from the cluster. An answer costs nothing: it is signed when something has changed, and each ten minutes.
 */
export class Statements implements CurrentStatement {
  readonly #parts: Parts
  #signed: (SignedAnswer & { of: string; at: number }) | undefined
  #trouble: string | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get current(): SignedAnswer | undefined {
    return this.#signed
  }

  /** Looks until `signal` aborts. */
  async start(signal: AbortSignal): Promise<void> {
    const nap = new Nap()
    while (!signal.aborted) {
      await this.look()
      await nap.sleep(statementTimes.look, signal)
    }
  }

  /** Signs again if it must. If it cannot sign now, what was signed stays. The trouble is told of once. */
  async look(): Promise<void> {
    try {
      await this.#look()
      this.#trouble = undefined
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (reason !== this.#trouble) this.#parts.log.warn({ reason }, 'cannot sign the statement')
      this.#trouble = reason
    }
  }

  async #look(): Promise<void> {
    const now = this.#parts.clock.now()
    const facts = await this.#facts()
    if (facts === undefined) {
      this.#signed = undefined
      return
    }
    const signer = await readSigner(this.#parts.state)
    const nextPin = await readNextPin(this.#parts.state, signer.authority)
    const of = JSON.stringify([facts, signer.certificate, signer.authority, nextPin])
    const age = Math.abs(now.getTime() - (this.#signed?.at ?? 0))
    if (this.#signed?.of === of && age < statementTimes.renewed) return
    const statement = await signFitting({ issued: `${now.toISOString().slice(0, 19)}Z`, ...facts }, signer)
    const answer = { statement, ...given({ nextPin }) }
    this.#signed = { answer, digest: digestOf(answer), of, at: now.getTime() }
  }

  /** The statement but its time. Undefined if `setup` has fixed nothing, or this server has not looked for others yet. */
  async #facts(): Promise<Omit<Statement, 'issued'> | undefined> {
    const { state, server, apiEndpoint, others, agentPackage } = this.#parts
    const [fixed, servers] = [await fixedFacts(join(state, 'kubeconfig')), others()]
    if (fixed === undefined || servers === undefined) return undefined
    return {
      cluster: fixed.cluster,
      server,
      ...(servers.length > 0 && { servers: [...servers] }),
      apiEndpoint: apiEndpoint === undefined ? fixed.apiEndpoint : hostAndPort(apiServerUrl(apiEndpoint)),
      // a package that cannot be read is told of by status
      ...given({ package: await agentPackage().catch(() => undefined) }),
      version
    }
  }
}

/** Reads the server certificate with its key, as they lie there now: another program renews them. */
const readSigner = async (state: string): Promise<Signer> => {
  const read = (file: string) => readFile(join(state, file), 'utf8')
  const [pem, certificate, authority] = [await read('tls.key'), await read('tls.crt'), await read('ca.crt')]
  const key = createPrivateKey(pem)
  const leaf = new X509Certificate(certificate)
  if (!leaf.checkPrivateKey(key) || !leaf.verify(new X509Certificate(authority).publicKey)) {
    throw new Error('tls.key, tls.crt and ca.crt do not belong together')
  }
  return { key, certificate, authority }
}

/** The text that names the next pin. Undefined if there is none that the present CA signed: agents would refuse any other. */
const readNextPin = async (state: string, authority: string): Promise<string | undefined> => {
  const text = (await readIfThere(join(state, nextPinFile)))?.toString().trim()
  if (text === undefined) return undefined
  return openNextPin(text, fingerprint(new X509Certificate(authority).publicKey)).then(
    () => text,
    () => undefined
  )
}

/** Signs the statement. If it is too long, it names fewer servers: the first ones. */
const signFitting = async (statement: Statement, signer: Signer): Promise<string> => {
  try {
    return await signStatement(statement, signer)
  } catch (error) {
    const { servers = [], ...rest } = statement
    if (servers.length === 0) throw error
    const fewer = servers.slice(0, -1)
    return signFitting({ ...rest, ...(fewer.length > 0 && { servers: fewer }) }, signer)
  }
}
