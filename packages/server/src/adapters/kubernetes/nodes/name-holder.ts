import { type Connection, somePodOn, statusOf } from '@joinery/kube'
import type { Monotonic } from '../../../core/base/clock.ts'
import { readNode, toClusterNode } from './nodes.ts'

/** Milliseconds after a look at etcd itself within which a look at the API server's cache is enough. */
const cacheFor = 10_000

/**
 * Makes the function that says who has a name in the cluster: a Node, or a Pod that is bound to it. A Pod stays bound until it is
 * collected: anybody who took the name would get the Pod's Secrets.
 *
 * An approval and the claim after it both ask for the Pods, and the log writes to etcd in between. So a look that must have all that
 * etcd has would wait each time. After such a look the following ones go by the cache of the API server, which is never older than that
 * look, and usually milliseconds old (ADR 34). The Node is always read from etcd.
 */
export const nameHolders = (monotonic: Monotonic) => {
  /** The last look at all that etcd had, by its version, and when it began. */
  let whole: { version: string; at: number } | undefined

  const lookAtAll = async (api: Connection, name: string) => {
    const at = monotonic()
    const { pod, version } = await somePodOn(api, name)
    if (version) whole = { version, at }
    return pod
  }
  const look = async (api: Connection, name: string) => {
    if (whole === undefined || monotonic() - whole.at >= cacheFor) return lookAtAll(api, name)
    try {
      return (await somePodOn(api, name, whole.version)).pod
    } catch (error) {
      // the API server knows no such version (yet): etcd was restored, or this one is behind another one
      if (statusOf(error) !== 504) throw error
      return lookAtAll(api, name)
    }
  }
  const podOn = async (api: Connection, name: string): Promise<string | undefined> => {
    const pod = await look(api, name)
    return pod && `Pod ${pod.namespace}/${pod.name} is bound to ${name}`
  }

  return async (api: Connection, name: string): Promise<string | undefined> => {
    const pod = podOn(api, name)
    // both are asked for at once; what is said is the Node's, whichever answer comes first
    pod.catch(() => {})
    return (await nodeOf(api, name)) ?? pod
  }
}

const nodeOf = async (api: Connection, name: string): Promise<string | undefined> => {
  const node = await readNode(api, name)
  if (node === undefined) return undefined
  const { ready, reason } = toClusterNode(node)
  const condition = { True: 'Ready', False: 'NotReady', Unknown: 'Ready unknown' }[ready]
  return `Node ${name} (${condition}${ready === 'True' || reason === '' ? '' : `, ${reason}`})`
}
