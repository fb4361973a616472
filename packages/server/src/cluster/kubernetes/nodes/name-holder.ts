import { type Connection, podsOn } from '@joinery/kube'
import { readNode, toClusterNode } from './nodes.ts'

export const nameHolder = async (api: Connection, name: string): Promise<string | undefined> =>
  (await nodeOf(api, name)) ?? (await podOn(api, name))

const nodeOf = async (api: Connection, name: string): Promise<string | undefined> => {
  const node = await readNode(api, name)
  if (node === undefined) return undefined
  const { ready, reason } = toClusterNode(node)
  const condition = { True: 'Ready', False: 'NotReady', Unknown: 'Ready unknown' }[ready]
  return `Node ${name} (${condition}${ready === 'True' || reason === '' ? '' : `, ${reason}`})`
}

/**
 * A Pod that is bound to the Node's name. It stays bound until it is collected: anybody who took the name would get the
 * Pod's Secrets.
 */
const podOn = async (api: Connection, name: string): Promise<string | undefined> => {
  const [pod] = await podsOn(api, name, 1)
  return pod === undefined ? undefined : `Pod ${pod.namespace}/${pod.name} is bound to ${name}`
}
