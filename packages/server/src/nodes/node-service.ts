import type { TracedNode } from '@joinery/protocol'
import type { Cluster } from '../cluster/cluster.ts'
import type { Store } from '../store/store.ts'
import type { Outsiders } from './outsiders.ts'
import { traceNode } from './trace-node.ts'

interface Parts {
  store: Pick<Store, 'enrolments'>
  cluster: Pick<Cluster, 'nodes'>
  outsiders: Pick<Outsiders, 'known'>
}

/** The Nodes of the cluster as they are now, in order of their names. */
export class NodeService {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Throws `cluster-unavailable`. */
  async list(): Promise<TracedNode[]> {
    const { store, cluster, outsiders } = this.#parts
    const nodes = await cluster.nodes()
    // after the Nodes: what brought one of them is there
    const [enrolments, known] = await Promise.all([store.enrolments(), outsiders.known()])
    const named = Map.groupBy(enrolments, ({ name }) => name)
    return nodes
      .map((node) => traceNode(node, named.get(node.name) ?? [], known.get(node.name)))
      .sort((one, other) => (one.name < other.name ? -1 : 1))
  }
}
