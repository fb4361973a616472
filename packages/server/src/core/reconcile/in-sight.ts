import { nodeUsername } from '@joinery/kube/names'
import { holdsName, isReconciled } from '@joinery/protocol'
import { inTurns } from '../base/in-turns.ts'
import { tokenIdOf, tokenUsername } from '../enrolment/csr/csr-guard.ts'
import type { Csr } from '../ports/cluster/csrs.ts'
import type { ClusterNode } from '../ports/cluster/nodes.ts'
import type { EnrolmentHead } from '../ports/store/documents/enrolment-document.ts'
import type { Sights } from '../ports/store/sights.ts'
import type { Store } from '../ports/store/store.ts'

/** The Nodes and requests that the cluster showed, and the enrolments that they can matter to. */
export interface InSight {
  nodes: readonly ClusterNode[]
  csrs: readonly Csr[]
  /**
   * Heads of enrolments beyond `pending`, in order of creation: those that are not settled, and settled ones for which there is
   * a Node or a request.
   */
  heads: readonly EnrolmentHead[]
  /** Ids of Joinery's tokens among all tokens by which somebody asks. */
  tokenIds: ReadonlySet<string>
  /** Finds the requests by the enrolment's tokens, and by the node that it may have a certificate for. */
  csrsOf(head: EnrolmentHead): readonly Csr[]
}

interface Heads {
  store: Pick<Store, 'unsettled' | 'headsByName'>
  sights: Pick<Sights, 'headsByToken'>
}

/**
 * Finds the enrolments that these Nodes and requests can matter to. `csrs`, `nodes`: as they were listed before this is called.
 * A token's attempt is committed before the token is made, so a request by a token that nobody knows now is by none of ours.
 */
export const inSight = async (
  { store, sights }: Heads,
  nodes: readonly ClusterNode[],
  csrs: readonly Csr[]
): Promise<InSight> => {
  const unsettled = await store.unsettled()
  const held = new Set(unsettled.flatMap((head) => (head.claimed && holdsName(head) ? head.name : [])))
  // the holder of a name has its Node, whoever had it before
  const unheld = nodes.flatMap(({ name }) => (held.has(name) ? [] : name))
  const byRequester = Map.groupBy(csrs, ({ username }) => username)
  const asking = [...byRequester.keys()]
  const names = new Set([...unheld, ...asking.flatMap((username) => nodeIn(username) ?? [])])
  const byName = await inTurns([...names], (some) => store.headsByName(some))
  const byToken = await inTurns(
    asking.flatMap((username) => tokenIdOf(username) ?? []),
    (some) => sights.headsByToken(some)
  )
  const byTokens = new Map<string, Csr[]>()
  for (const { id, token } of byToken) {
    const own = byRequester.get(tokenUsername(token)) ?? []
    byTokens.set(id, [...(byTokens.get(id) ?? []), ...own])
  }
  // what was read last counts
  const heads = new Map([...unsettled, ...byName, ...byToken].map((head) => [head.id, head]))
  return {
    nodes,
    csrs,
    heads: [...heads.values()].filter(isReconciled).sort((one, other) => one.place - other.place),
    tokenIds: new Set(byToken.map(({ token }) => token)),
    csrsOf: ({ id, name }) => [...(byRequester.get(nodeUsername(name)) ?? []), ...(byTokens.get(id) ?? [])]
  }
}

const head = nodeUsername('')
const nodeIn = (username: string): string | undefined =>
  username.startsWith(head) ? username.slice(head.length) : undefined
