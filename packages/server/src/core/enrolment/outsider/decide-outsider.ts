import { isDeepStrictEqual } from 'node:util'
import { nodeUsername, serverUsername } from '@joinery/kube/names'
import { escapeText, type TimelineEvent } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Csr } from '../../ports/cluster/csrs.ts'
import type { ClusterNode } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import type { OutsiderDocument } from '../../ports/store/documents/outsider-document.ts'
import { nodeSubject, type SubjectEntry } from '../../ports/store/timeline.ts'
import { tokenIdOf } from '../csr/csr-guard.ts'
import { entry } from '../decision/decision.ts'
import { isTurnedAway, nodeOwnerOf } from '../name/whose-name.ts'

/** All that one look at the cluster found about one name. */
export interface Sight {
  name: string
  node: ClusterNode | undefined
  /** Requests for its certificate. */
  csrs: readonly Csr[]
  /** The enrolments of that name in order of creation. */
  named: readonly EnrolmentDocument[]
  /** Ids of all tokens of Joinery. */
  tokenIds: ReadonlySet<string>
}

/** Result of `decideOutsider`. If `outsider` is undefined, there is nothing more to remember. */
export interface OutsiderDecision {
  outsider: OutsiderDocument | undefined
  entries: SubjectEntry[]
}

/** Most requesters that an outsider keeps: a loop of requests by ever new credentials must not fill the store. */
const requestersKept = 10

/**
 * Decides about what came to the cluster beside Joinery under one name. Each thing alerts once, and is remembered for that.
 * Undefined if nothing is new. `first`: the server has never looked at this cluster, and what is there then alerts nobody.
 */
export const decideOutsider = (
  before: OutsiderDocument | undefined,
  sight: Sight,
  first: boolean,
  now: Date
): OutsiderDecision | undefined => {
  const node = nodePart(before?.node, sight, first, now)
  const requests = requestPart(before?.requesters ?? [], sight, now)
  const { name } = sight
  const outsider = {
    name,
    revision: before?.revision ?? 0,
    ...given({ node: node.known }),
    requesters: requests.requesters
  }
  const nothing = node.known === undefined && outsider.requesters.length === 0
  if (nothing ? before === undefined : isDeepStrictEqual(outsider, before)) return undefined
  const entries = first ? [] : [...node.entries, ...requests.entries]
  return { outsider: nothing ? undefined : outsider, entries }
}

type KnownNode = NonNullable<OutsiderDocument['node']>

const nodePart = (
  known: KnownNode | undefined,
  { name, node, named }: Sight,
  first: boolean,
  now: Date
): { known: KnownNode | undefined; entries: SubjectEntry[] } => {
  const { owner, former } = nodeOwnerOf(named)
  // a Node that an enrolment brought, or must not have, is told of in its timeline
  if (owner !== undefined || isTurnedAway(former)) return { known: undefined, entries: [] }
  // one that was there from the beginning may be deleted, and register again
  if (node === undefined) return { known: known?.before ? known : undefined, entries: [] }
  const { uid } = node
  // the kubelet itself says it
  const machineId = node.machineId.slice(0, 64)
  const alert = (event: TimelineEvent, detail: string) => ({
    subject: nodeSubject(name),
    entry: entry(now, 'cluster', event, detail, true)
  })
  const sameMachine = machineId !== '' && machineId === known?.machineId
  if (known === undefined || (known.uid !== uid && !(known.before && sameMachine))) {
    const detail = `Node ${name}, uid ${uid}, machine id ${machineId || '<none>'}, joined outside of Joinery`
    return {
      known: { uid, machineId, since: now.toISOString(), before: first },
      entries: [alert('unknown-node', detail)]
    }
  }
  const changed = known.machineId !== '' && machineId !== '' && !sameMachine
  const detail = `Node ${name} has machine id ${machineId}, but it had ${known.machineId} before`
  return {
    known: { ...known, uid, machineId: machineId || known.machineId },
    entries: changed ? [alert('other-machine', detail)] : []
  }
}

const requestPart = (
  known: readonly string[],
  { name, csrs, named, tokenIds }: Sight,
  now: Date
): { requesters: string[]; entries: SubjectEntry[] } => {
  const judged = csrs
    .map((csr) => ({ csr, by: requester(csr), verdict: judgeRequest(csr, name, named, tokenIds) }))
    .filter(({ verdict }) => verdict !== 'leave')
  const present = new Set(judged.map(({ by }) => by))
  const requesters = known.filter((by) => present.has(by))
  const entries: SubjectEntry[] = []
  const { owner, former } = nodeOwnerOf(named)
  for (const { csr, by, verdict } of judged) {
    if (requesters.includes(by) || requesters.length >= requestersKept) continue
    requesters.push(by)
    const [event, detail]: [TimelineEvent, string] =
      verdict === 'returns'
        ? ['returned', `${csr.name}: ${by} asks for a certificate for ${name}, whose enrolment is ${former?.state}`]
        : ['outside-certificate', `${csr.name}: ${by} got a certificate for ${name} outside of Joinery`]
    entries.push({
      subject: owner?.id ?? former?.id ?? nodeSubject(name),
      entry: entry(now, 'cluster', event, detail, true)
    })
  }
  return { requesters, entries }
}

/** User name of a request, fit to be kept. That of a certificate is whatever somebody has put there. */
const requester = ({ username }: Csr): string => escapeText(username).slice(0, 253)

/**
 * - outside: somebody got a certificate for this name by a credential that is not Joinery's
 * - returns: somebody asks for a certificate for a name that was turned away before
 * - leave: an enrolment accounts for the request, the request got nothing, or a Node renews its own certificate
 */
export type RequestVerdict = 'outside' | 'returns' | 'leave'

/**
 * Judges a request for the kubelet's certificate of a name. It is a tripwire: nothing is done about the request. `named`: the
 * enrolments of that name in order of creation. `tokenIds`: ids of all tokens of Joinery.
 */
export const judgeRequest = (
  csr: Csr,
  name: string,
  named: readonly EnrolmentDocument[],
  tokenIds: ReadonlySet<string>
): RequestVerdict => {
  if (csr.denied || csr.username === serverUsername || isByToken(csr, named, tokenIds)) return 'leave'
  const { former } = nodeOwnerOf(named)
  if (isTurnedAway(former) && csr.created > new Date(former.since)) return 'returns'
  if (csr.username === nodeUsername(name)) return 'leave'
  return csr.approved || csr.certificate !== undefined ? 'outside' : 'leave'
}

/** True if a token of ours made the request: the guard of its attempt judges it. */
const isByToken = ({ username }: Csr, named: readonly EnrolmentDocument[], tokenIds: ReadonlySet<string>): boolean => {
  const tokenId = tokenIdOf(username)
  if (tokenId === undefined) return false
  return (
    tokenIds.has(tokenId) ||
    named.some(({ join: { attempts } }) => attempts.some((attempt) => attempt.tokenId === tokenId))
  )
}
