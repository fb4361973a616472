import { text } from 'node:stream/consumers'
import { clusterByApi } from '@joinery/testing/cluster/world/cluster-by-api'
import { type ClusterWorld, Refusal } from '@joinery/testing/cluster/world/cluster-world'
import { readKubeconfig } from '../../contract/kubeconfig.ts'

/**
 * Calls of `ClusterWorld`, made inside the bed and all at once. Standard input: `Calls` as JSON, as a credential is no
 * argument of a command; standard output: an `Answer` for each.
 */
export interface Calls {
  calls: Call[]
  /** The address of this host that they come from. */
  from?: string
}

export interface Call {
  method: keyof ClusterWorld
  args: unknown[]
}

export type Answer = { value: unknown } | { refused: { status: number; message: string } }

const noOutage = async (): Promise<void> => {
  throw new Error('the way to the API server is not cut here')
}

const { calls, from } = JSON.parse(await text(process.stdin)) as Calls
const { access, identity } = await readKubeconfig('/etc/kubernetes/admin.conf')
const way = { ...access, ...(from !== undefined && { from }) }
const world = clusterByApi(way, identity, { goDown: noOutage, comeBack: noOutage })

const answer = async ({ method, args }: Call): Promise<Answer> => {
  const call = world[method] as (...args: unknown[]) => Promise<unknown>
  try {
    return { value: await call(...args) }
  } catch (error) {
    if (error instanceof Refusal) return { refused: { status: error.status, message: error.message } }
    throw error
  }
}

console.log(JSON.stringify(await Promise.all(calls.map(answer))))
await world.close()
