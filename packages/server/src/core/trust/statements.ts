import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf, fingerprint, hour, minute, type Statement, type StatementAnswer, version } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { openNextPin, type Signer, signStatement } from '@joinery/protocol/statement'
import type { Clock } from '../base/clock.ts'
import { readIfThere } from '../base/files.ts'
import type { Logger } from '../base/log.ts'
import { Nap } from '../base/nap.ts'
import { nextAuthorityFiles, nextPinFile } from '../keys/key-files.ts'
import type { AgentPackage } from '../ports/store/agent-packages.ts'
import type { OtherServers } from '../services/code/other-servers.ts'
import { type FixedFacts, fixedFacts } from './fixed-facts.ts'
import { lackOfSetup, type SetupLack } from './setup-lack.ts'

/** Times in milliseconds. */
export const statementTimes = {
  /** Pause between two looks at what the statement says. */
  look: 10_000,
  /** Age at which a statement is signed again, if nothing has changed. */
  renewed: 10 * minute,
  /** The same for the one that Kubernetes shows: each write there costs all readers. */
  shown: hour
} as const

export interface SignedAnswer {
  answer: StatementAnswer
  digest: string
}

/** The statement of this server, as it is signed now. */
export interface CurrentStatement {
  /** Undefined if the server cannot sign one. */
  readonly current: SignedAnswer | undefined
}

export interface StatementParts {
  /** The state folder. */
  state: string
  /** URL of this server, as it is configured. */
  server: string
  /** Endpoint of the Kubernetes API for machines (host:port) that is configured. It comes before the one that `setup` fixed. */
  apiEndpoint: string | undefined
  /** Digest of the setup that this server needs: see `setupDigest`. */
  setup: string
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
  readonly #parts: StatementParts
  #signed: Signed | undefined
  #shown: Signed | undefined
  #remedies: readonly string[] = []
  #lack: SetupLack['problem'] | undefined
  #trouble: string | undefined

  constructor(parts: StatementParts) {
    this.#parts = parts
  }

  get current(): SignedAnswer | undefined {
    return this.#signed
  }

  /** Answer for the view in Kubernetes: it changes with what it says, else each hour. Undefined if the server cannot sign one. */
  get shown(): StatementAnswer | undefined {
    if (!isStill(this.#shown, this.#signed?.of, this.#signed?.at, statementTimes.shown)) this.#shown = this.#signed
    return this.#shown?.answer
  }

  /** One sentence with a command for what is lacking of the setup, and for what machines do not learn because nobody signed it. */
  get remedies(): readonly string[] {
    return this.#remedies
  }

  /** Looks until `signal` aborts. */
  async start(signal: AbortSignal): Promise<void> {
    const nap = new Nap()
    while (!signal.aborted) {
      await this.look()
      await nap.sleep(statementTimes.look, signal)
    }
  }

  /** Signs again if it must. If it cannot sign now, what was signed stays. The log has such trouble once, and what is lacking of the setup. */
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
    const { state, clock, others, setup, log } = this.#parts
    const now = clock.now()
    const [fixed, servers] = [await fixedFacts(join(state, 'kubeconfig')), others()]
    const lack = lackOfSetup(fixed, setup)
    if (lack !== undefined && lack.problem !== this.#lack)
      log.warn({ problem: lack.problem, remedy: lack.remedy }, lack.cause)
    this.#lack = lack?.problem
    this.#remedies = lack === undefined ? [] : [`${lack.cause}; ${lack.remedy}`]
    if (fixed === undefined || servers === undefined) {
      this.#signed = undefined
      return
    }
    const facts = await this.#facts(fixed, servers)
    const signer = await readSigner(state)
    const nextPin = await readNextPin(state, signer.authority)
    const hasNext = (await readIfThere(join(state, nextAuthorityFiles.certificate))) !== undefined
    if (hasNext && nextPin === undefined) this.#remedies = [...this.#remedies, nextUnsigned]
    const of = JSON.stringify([facts, signer.certificate, signer.authority, nextPin])
    if (isStill(this.#signed, of, now.getTime(), statementTimes.renewed)) return
    const statement = await signFitting({ issued: `${now.toISOString().slice(0, 19)}Z`, ...facts }, signer)
    const answer = { statement, ...given({ nextPin }) }
    this.#signed = { answer, digest: digestOf(answer), of, at: now.getTime() }
  }

  /** The statement but its time. */
  async #facts({ cluster, apiEndpoint }: FixedFacts, servers: readonly string[]): Promise<Omit<Statement, 'issued'>> {
    const { server, agentPackage, ...configured } = this.#parts
    return {
      cluster,
      server,
      ...(servers.length > 0 && { servers: [...servers] }),
      apiEndpoint: configured.apiEndpoint ?? apiEndpoint,
      // a package that cannot be read is told of by status
      ...given({ package: await agentPackage().catch(() => undefined) }),
      version
    }
  }
}

const nextUnsigned =
  'The next pin is not signed, so machines that wait do not learn it; systemctl stop joinery-server && joinery-server rotate-ca && systemctl start joinery-server'

/** A statement that was signed. */
interface Signed extends SignedAnswer {
  /** All that the answer says, but for the time. */
  of: string
  /** Time at which it was signed. */
  at: number
}

/** True if what was signed says what it must, and is not too old. A clock that was set back makes it too old as well. */
const isStill = (signed: Signed | undefined, of: string | undefined, now = 0, most = 0): boolean =>
  signed !== undefined && signed.of === of && Math.abs(now - signed.at) < most

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
