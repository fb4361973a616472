import { nodeUsername } from '@joinery/kube/names'
import { isControlPlane, type List, type NodeQuery, type TracedNode } from '@joinery/protocol'
import type { Clock } from '../base/clock.ts'
import { inTurns } from '../base/in-turns.ts'
import { traceNode } from '../enrolment/outsider/trace-node.ts'
import { certificateWarning } from '../enrolment/recovery/certificate-warning.ts'
import type { Csrs } from '../ports/cluster/csrs.ts'
import type { ClusterNode, Nodes } from '../ports/cluster/nodes.ts'
import { continueAfter, limitOf, placeIn } from '../ports/store/list-page.ts'
import type { Store } from '../ports/store/store.ts'
import type { Outsiders } from '../reconcile/outsiders.ts'

interface Parts {
  store: Pick<Store, 'enrolmentsByName'>
  cluster: Pick<Nodes, 'nodes'> & Pick<Csrs, 'kubeletCsrs'>
  clock: Clock
  outsiders: Pick<Outsiders, 'known'>
}

/** The Nodes of the cluster as they are now, in order of their names. */
export class NodeService {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** A page of the Nodes that fit. Throws `cluster-unavailable`. */
  async list(asked: NodeQuery = {}): Promise<List<TracedNode>> {
    const { store, cluster, clock, outsiders } = this.#parts
    const [after, limit] = [placeIn(asked), limitOf(asked)]
    const fitting = (await cluster.nodes())
      .filter((node) => node.name > after && fits(node, asked))
      .sort((one, other) => (one.name < other.name ? -1 : 1))
    const csrs = Map.groupBy(await cluster.kubeletCsrs(), ({ username }) => username)
    const now = clock.now()
    // read after the Nodes, so the enrolment that brought a Node is there
    const known = await outsiders.known()
    const items = await inTurns(fitting.slice(0, limit), (some) =>
      Promise.all(
        some.map(async (node) =>
          traceNode(node, await store.enrolmentsByName(node.name), known.get(node.name), ({ certificates }) =>
            certificateWarning(certificates.seen, node, csrs.get(nodeUsername(node.name)) ?? [], now)
          )
        )
      )
    )
    const last = fitting.length > limit ? items.at(-1) : undefined
    return { items, ...(last !== undefined && { metadata: { continue: continueAfter(last.name) } }) }
  }
}

const fits = (node: ClusterNode, { name, role }: NodeQuery): boolean =>
  (name === undefined || node.name === name) &&
  (role === undefined || isControlPlane(node) === (role === 'control-plane'))
