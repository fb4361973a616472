import { section } from '@joinery/host/text/section'
import type { NameHolder } from '@joinery/protocol'
import type { Terminal } from '../terminal/terminal.ts'
import { isEvicted } from './drain.ts'

/** Says which Pods a drain evicts, or would, and what may hold it up. */
export const printEvicted = ({ node, pods }: NameHolder, drains: boolean, { err, colour }: Terminal): void => {
  const evicted = pods.filter(isEvicted)
  if (evicted.length > 0) {
    const title = drains ? 'Pods that are evicted, with what is in their emptyDir volumes' : 'Pods that are not evicted'
    const rows = evicted.map(({ namespace, name, controller }) => [`${namespace}/${name}`, controller || unmanaged])
    err(section(title, [['POD', 'MANAGED BY'], ...rows], colour))
  }
  if (drains && node !== undefined && node.condition !== 'Ready') {
    err('The Node is not Ready: a drain waits for its kubelet, which may never answer; --no-drain goes without.\n')
  }
}

/** kubectl evicts no such Pod. */
const unmanaged = '<none>: a drain refuses it, delete it yourself'
