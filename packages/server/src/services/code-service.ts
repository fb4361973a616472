import {
  type Code,
  type CodeDetail,
  type CodeQuery,
  type CodeRequest,
  type CodeUser,
  type CredentialKind,
  ended,
  escapeText,
  hashCode,
  hostAndPort,
  type Install,
  isNamePattern,
  type List,
  makeCode,
  type NewCode,
  ProblemError
} from '@joinery/protocol'
import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { Enrolments } from '../commit/enrolments.ts'
import { kinds } from '../credentials/kinds.ts'
import { requirePossible } from '../enrolment/code/code-request.ts'
import { codeWarnings } from '../enrolment/code/code-warnings.ts'
import { decideCodeRevoked } from '../enrolment/decision/conflict.ts'
import { entry, entryBy, signed } from '../enrolment/decision/decision.ts'
import { labelsAndTaintsText } from '../enrolment/decision/labels-and-taints.ts'
import { enrolmentsOf } from '../enrolment/facts/code-uses.ts'
import { requireStableEndpoint } from '../enrolment/facts/control-plane.ts'
import { holderOf } from '../enrolment/name/whose-name.ts'
import { codeView } from '../enrolment/views.ts'
import type { AgentPackages } from '../store/agent-packages.ts'
import { takePage, walkedTo } from '../store/list-page.ts'
import type { CodeDocument, EnrolmentDocument, Store } from '../store/store.ts'

interface Parts {
  store: Store
  cluster: Cluster
  clock: Clock
  random: Random
  enrolments: Enrolments
  packages: AgentPackages
  /** What a code gets that says nothing else. */
  credential: CredentialKind
  /** Where machines find this server and what they check it by. */
  identity: Pick<Install, 'server' | 'pin' | 'certificateAuthority'>
}

/** Codes: made, listed, revoked by an operator. The code itself is in one answer only. */
export class CodeService {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Throws `credential-unavailable`, `no-stable-endpoint`, what `requirePossible` throws, and `cluster-unavailable`. */
  async create(request: CodeRequest, by?: string): Promise<NewCode> {
    const { store, cluster, clock, random, packages, identity } = this.#parts
    const { name, role = 'worker', ttl, uses = 1, from = [], labels = {}, taints = [], policy } = request
    const { credential = this.#parts.credential } = request
    kinds[credential].offered(this.#parts.credential)
    requirePossible(request)
    if (role === 'control-plane') requireStableEndpoint(await cluster.network())
    const now = clock.now()
    const secret = makeCode(random.bytes)
    const agentPackage = await packages.current()
    const code: CodeDocument = {
      id: random.id(),
      revision: 0,
      hash: hashCode(secret),
      ...(name === undefined ? {} : { name }),
      role,
      created: now.toISOString(),
      expires: new Date(now.getTime() + ttl * 1000).toISOString(),
      ...(uses === 1 ? {} : { uses }),
      ...(from.length === 0 ? {} : { from }),
      ...(agentPackage === undefined ? {} : { package: agentPackage.sha256 }),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(taints.length === 0 ? {} : { taints }),
      ...(policy === undefined ? {} : { policy }),
      ...(credential === 'token' ? {} : { credential })
    }
    const { server } = await cluster.endpoint()
    const warnings = codeWarnings(name, await this.#namesakes(name, now))
    const what = `${role === 'worker' ? '' : `${role} `}${name ?? 'any name'}`
    const invited = [`${what}, until ${code.expires}`, ...limits(code), labelsAndTaintsText(code)]
    const created = entryBy(by, entry(now, 'operator', 'create', invited.filter(Boolean).join('; ')))
    await store.commit({ codes: [code], entries: [{ subject: code.id, entry: created }] })
    const install = {
      ...identity,
      apiEndpoint: hostAndPort(server),
      ...(agentPackage === undefined ? {} : { package: agentPackage })
    }
    return { code: secret, ...codeView(code, now), install, ...(warnings.length > 0 && { warnings }) }
  }

  /** A pattern names no machine: it is never asked about. */
  async #namesakes(name: string | undefined, now: Date): Promise<Parameters<typeof codeWarnings>[1]> {
    const { store, cluster } = this.#parts
    if (name === undefined || isNamePattern(name)) return { open: [], holder: undefined, inCluster: undefined }
    const [codes, enrolments, inCluster] = await Promise.all([
      store.codesByName(name),
      store.enrolmentsByName(name),
      cluster.nameHolder(name)
    ])
    return {
      open: codes.filter((code) => codeView(code, now).status === 'open'),
      holder: holderOf(enrolments),
      inCluster
    }
  }

  /** Throws `invalid-request`. */
  async list(asked: CodeQuery = {}): Promise<List<Code>> {
    const { store, clock } = this.#parts
    const now = clock.now()
    const { state, name, role } = asked
    const fits = (code: CodeDocument): boolean =>
      (state === undefined || codeView(code, now).status === state) &&
      (name === undefined || code.name === name) &&
      (role === undefined || code.role === role)
    const { items, next } = await takePage(store.walkCodes(walkedTo(asked)), fits, asked)
    return {
      items: items.map((code) => codeView(code, now)),
      ...(next !== undefined && { metadata: { continue: next } })
    }
  }

  async show(id: string): Promise<CodeDetail> {
    const { store, clock } = this.#parts
    const code = await this.#find(id)
    const users = (await Promise.all(enrolmentsOf(code).map((one) => store.enrolment(one)))).flatMap(codeUser)
    return { ...codeView(code, clock.now()), users, timeline: await store.timeline(id) }
  }

  /**
   * What is left of its uses ends. Of a code for one machine that was used, no second key freezes the enrolment any more:
   * the machine that used it goes on, and is rejected where it is the wrong one.
   */
  async revoke(id: string, by?: string): Promise<Code> {
    const { store, clock, enrolments } = this.#parts
    for (;;) {
      const code = await this.#find(id)
      const now = clock.now()
      if (code.revoked !== undefined) return codeView(code, now)
      const used = code.enrolment === undefined ? undefined : await store.enrolment(code.enrolment)
      const revoked = { ...code, revoked: now.toISOString() }
      const said = entryBy(by, entry(now, 'operator', 'revoke', ''))
      const change = { codes: [revoked], entries: [{ subject: id, entry: said }] }
      const committed =
        used === undefined || ended.includes(used.state)
          ? (await store.commit(change)) === 'committed'
          : (await enrolments.commit(signed(by, decideCodeRevoked(used, now)), change)) !== undefined
      if (committed) return codeView(revoked, now)
    }
  }

  async #find(id: string): Promise<CodeDocument> {
    const code = await this.#parts.store.code(id)
    if (code !== undefined) return code
    throw new ProblemError('not-found', {
      detail: `no code has the id "${escapeText(id)}"`,
      remedy: 'joinery code list'
    })
  }
}

/** In words, where there are more machines than one or fewer networks than all. */
const limits = ({ uses, from }: CodeDocument): string[] => [
  ...(uses === undefined ? [] : [`${uses} uses`]),
  ...(from === undefined ? [] : [`from ${from.join(', ')}`])
]

const codeUser = (enrolment: EnrolmentDocument | undefined): CodeUser[] => {
  if (enrolment === undefined) return []
  const { id, name, state, key } = enrolment
  return [{ enrolment: id, name, state, key }]
}
