import {
  type CodeRequest,
  type CredentialKind,
  hashCode,
  hostAndPort,
  type Install,
  makeCode,
  type NewCode
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { kinds } from '../../credentials/kinds.ts'
import { requirePossible } from '../../enrolment/code/code-request.ts'
import { codeWarnings, isOneName, type Named } from '../../enrolment/code/code-warnings.ts'
import { type Asker, entry, entryBy } from '../../enrolment/decision/decision.ts'
import { labelsAndTaintsText } from '../../enrolment/decision/labels-and-taints.ts'
import { requireStableEndpoint } from '../../enrolment/facts/control-plane.ts'
import { holderOf } from '../../enrolment/name/whose-name.ts'
import { codeView } from '../../enrolment/views.ts'
import type { AgentPackages } from '../../store/agent-packages.ts'
import type { CodeDocument, Store } from '../../store/store.ts'

export interface CreateParts {
  store: Store
  cluster: Cluster
  clock: Clock
  random: Random
  packages: AgentPackages
  /** Credential kind of a code that names none. */
  credential: CredentialKind
  /** The address where machines find this server, and what they check it by. */
  identity: Pick<Install, 'server' | 'pin' | 'certificateAuthority'>
}

/**
 * Makes a code, which is in this one answer only. Throws `credential-unavailable`, `no-stable-endpoint`, what
 * `requirePossible` throws, and `cluster-unavailable`.
 */
export const create =
  (parts: CreateParts) =>
  async (request: CodeRequest, asker: Asker = {}): Promise<NewCode> => {
    const { store, cluster, clock, random, packages, identity } = parts
    const { name, role = 'worker', credential = parts.credential } = request
    kinds[credential].offered(parts.credential)
    requirePossible(request)
    if (role === 'control-plane') requireStableEndpoint(await cluster.network())
    const now = clock.now()
    const secret = makeCode(random.bytes)
    const agentPackage = await packages.current()
    const code = documentOf(request, { id: random.id(), secret, credential, package: agentPackage?.sha256 }, now)
    const { server } = await cluster.endpoint()
    const warnings = isOneName(name) ? codeWarnings(name, await readNamesakes(parts, name, now)) : []
    const created = entryBy(asker, entry(now, 'operator', 'create', inWords(code)))
    await store.commit({ codes: [code], entries: [{ subject: code.id, entry: created }] })
    const install = {
      ...identity,
      apiEndpoint: hostAndPort(server),
      ...given({ package: agentPackage })
    }
    return { code: secret, ...codeView(code, now), install, ...(warnings.length > 0 && { warnings }) }
  }

interface Chosen {
  id: string
  secret: string
  credential: CredentialKind
  /** SHA-256 of the agent package that the code installs, if there is one. */
  package: string | undefined
}

/** The code as it is kept, without the values that are the default. */
const documentOf = (
  { name, role = 'worker', ttl, uses = 1, from = [], labels = {}, taints = [], policy }: CodeRequest,
  chosen: Chosen,
  now: Date
): CodeDocument => ({
  id: chosen.id,
  revision: 0,
  hash: hashCode(chosen.secret),
  ...given({ name }),
  role,
  created: now.toISOString(),
  expires: new Date(now.getTime() + ttl * 1000).toISOString(),
  ...(uses === 1 ? {} : { uses }),
  ...(from.length === 0 ? {} : { from }),
  ...given({ package: chosen.package }),
  ...(Object.keys(labels).length === 0 ? {} : { labels }),
  ...(taints.length === 0 ? {} : { taints }),
  ...given({ policy }),
  ...(chosen.credential === 'token' ? {} : { credential: chosen.credential })
})

/** Describes for its timeline what a new code is for. */
const inWords = (code: CodeDocument): string => {
  const { name, role, expires } = code
  const what = `${role === 'worker' ? '' : `${role} `}${name ?? 'any name'}`
  return [`${what}, until ${expires}`, ...limits(code), labelsAndTaintsText(code)].filter(Boolean).join('; ')
}

const readNamesakes = async ({ store, cluster }: CreateParts, name: string, now: Date): Promise<Named> => {
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

/** The limits in words, if there are more machines than one or fewer networks than all. */
const limits = ({ uses, from }: CodeDocument): string[] => [
  ...(uses === undefined ? [] : [`${uses} uses`]),
  ...(from === undefined ? [] : [`from ${from.join(', ')}`])
]
