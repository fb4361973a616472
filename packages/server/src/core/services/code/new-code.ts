import { type CodeRequest, type CredentialKind, hashCode, hostAndPort, makeCode, type NewCode } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { Commits } from '../../commit/commits.ts'
import { kinds } from '../../credentials/kinds.ts'
import { requirePossible } from '../../enrolment/code/code-request.ts'
import { codeWarnings, isOneName, type Named } from '../../enrolment/code/code-warnings.ts'
import { type Asker, entry, entryBy } from '../../enrolment/decision/decision.ts'
import { gatesText, requireReadable } from '../../enrolment/decision/gates.ts'
import { labelsAndTaintsText } from '../../enrolment/decision/labels-and-taints.ts'
import { requireStableEndpoint } from '../../enrolment/facts/cluster.ts'
import { holderOf } from '../../enrolment/name/whose-name.ts'
import { codeView } from '../../enrolment/views.ts'
import type { ClusterSettings } from '../../ports/cluster/cluster-settings.ts'
import type { Nodes } from '../../ports/cluster/nodes.ts'
import type { AgentPackages } from '../../ports/store/agent-packages.ts'
import type { CodeSearch } from '../../ports/store/code-search.ts'
import type { CodeDocument } from '../../ports/store/documents/code-document.ts'
import type { Store } from '../../ports/store/store.ts'
import type { Reached } from './other-servers.ts'

export interface CreateParts extends NewCodeParts {
  commits: Pick<Commits, 'append'>
  clock: Clock
  random: Random
  /** The addresses where machines find the server now, and what they check it by. */
  identity: () => Reached
}

/** Makes a code, which is in this one answer only. Throws what `requireCode` throws, and `cluster-unavailable`. */
export const create =
  (parts: CreateParts) =>
  async (request: CodeRequest, asker: Asker = {}): Promise<NewCode> => {
    const { commits, cluster, clock, random, packages, credential, identity } = parts
    await requireCode(parts, request)
    const now = clock.now()
    const secret = makeCode(random.bytes)
    const expires = new Date(now.getTime() + request.ttl * 1000).toISOString()
    const agentPackage = await packages.current()
    const chosen = { id: random.id(), hash: hashCode(secret), expires, credential, package: agentPackage?.sha256 }
    const code = newCode(request, chosen, now)
    const { server } = await cluster.endpoint()
    const warnings = await warningsOf(parts, request, now)
    const created = entryBy(asker, entry(now, 'operator', 'create', inWords(code)))
    await commits.append({ codes: [code], entries: [{ subject: code.id, entry: created }] })
    const install = { ...identity(), apiEndpoint: hostAndPort(server), ...given({ package: agentPackage }) }
    return { code: secret, ...codeView(code, now), install, ...(warnings.length > 0 && { warnings }) }
  }

export interface NewCodeParts {
  store: Store
  codes: Pick<CodeSearch, 'codesByName'>
  cluster: Pick<ClusterSettings, 'endpoint' | 'network'> & Pick<Nodes, 'nameHolder'>
  packages: AgentPackages
  /** Credential kind of a code that names none. */
  credential: CredentialKind
  /** True if the server reads Pods: `diagnosis: on` of its configuration. */
  diagnosis: boolean
}

/** Things that a code is for, whoever made it, and wherever. */
export type Asked = Omit<CodeRequest, 'ttl'>

/** The rest of a new code. */
interface Chosen extends Pick<CodeDocument, 'id' | 'hash' | 'expires' | 'object'> {
  /** Credential kind of a code that names none. */
  credential: CredentialKind
  /** SHA-256 of the agent package that the code installs, if there is one. */
  package: string | undefined
}

/**
 * Refuses what no code can be for. Throws `credential-unavailable`, `no-stable-endpoint`, `diagnosis-off` and what
 * `requirePossible` throws.
 */
export const requireCode = async (
  parts: Pick<NewCodeParts, 'cluster' | 'credential' | 'diagnosis'>,
  asked: Asked
): Promise<void> => {
  kinds[asked.credential ?? parts.credential].offered(parts.credential)
  requirePossible(asked)
  requireReadable(asked.readyWhen ?? [], parts.diagnosis)
  if (asked.role === 'control-plane') requireStableEndpoint(await parts.cluster.network())
}

/** Warnings about a new code, a sentence each: what the operator may not have meant. */
export const warningsOf = async (
  parts: Pick<NewCodeParts, 'store' | 'codes' | 'cluster'>,
  { name }: Asked,
  now: Date
): Promise<string[]> => (isOneName(name) ? codeWarnings(name, await readNamesakes(parts, name, now)) : [])

/** The document of a new code, without the values that are the default. */
export const newCode = (asked: Asked, chosen: Chosen, now: Date): CodeDocument => {
  const { id, hash, expires, object, package: agentPackage } = chosen
  const { name, role = 'worker', uses = 1, from = [], labels = {}, taints = [], readyWhen = [] } = asked
  const { policy, credential, prefetch, recover, proof } = asked
  const kind = credential ?? chosen.credential
  return {
    id,
    revision: 0,
    hash,
    ...given({ name }),
    role,
    created: now.toISOString(),
    expires,
    ...(uses === 1 ? {} : { uses }),
    ...(from.length === 0 ? {} : { from }),
    ...given({ package: agentPackage }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(taints.length === 0 ? {} : { taints }),
    ...(readyWhen.length === 0 ? {} : { readyWhen }),
    ...given({ policy, prefetch, object, recover, proof }),
    ...(kind === 'token' ? {} : { credential: kind })
  }
}

/** Describes for its timeline what a new code is for. */
export const inWords = (code: CodeDocument): string => {
  const { name, role, expires } = code
  const what = `${role === 'worker' ? '' : `${role} `}${name ?? 'any name'}`
  return [`${what}, until ${expires}`, ...limits(code), labelsAndTaintsText(code), gatesText(code)]
    .filter(Boolean)
    .join('; ')
}

const readNamesakes = async (
  { store, codes, cluster }: Pick<NewCodeParts, 'store' | 'codes' | 'cluster'>,
  name: string,
  now: Date
): Promise<Named> => {
  const [namesakes, enrolments, inCluster] = await Promise.all([
    codes.codesByName(name),
    store.enrolmentsByName(name),
    cluster.nameHolder(name)
  ])
  return {
    open: namesakes.filter((code) => codeView(code, now).status === 'open'),
    holder: holderOf(enrolments),
    inCluster
  }
}

/** The rest in words, as far as it differs from a code for one machine that may come from anywhere. */
const limits = ({ uses, from, recover, policy, proof }: CodeDocument): string[] => [
  ...(uses === undefined ? [] : [`${uses} uses`]),
  ...(from === undefined ? [] : [`from ${from.join(', ')}`]),
  ...(recover === undefined ? [] : [`recover: ${recover}`]),
  ...(policy === undefined || policy.ignore.length === 0 ? [] : [`ignores ${policy.ignore.join(', ')}`]),
  ...(proof === true ? ['proof for the approval policy'] : [])
]
