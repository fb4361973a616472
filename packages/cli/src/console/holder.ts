import { carriedOver } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { needsRoot } from '../control-plane/needs-root.ts'
import { formerOf } from '../node/approve-when-free.ts'
import { isEvicted } from '../node/drain.ts'
import type { OperatorClient } from '../operator-client.ts'
import { labelAndTaintWords } from '../output/enrolment/labels-and-taints.ts'
import type { Holder } from './contract.ts'

type Client = Pick<OperatorClient, 'show' | 'holder' | 'list'>

/** Reads what has the name of a machine: its Node with the Pods there, and the other enrolment that brought it. */
export const readHolder = async (client: Client, reference: string): Promise<Holder> => {
  const shown = await client.show(reference)
  const { id, name } = shown
  const { items } = await client.list({ name })
  const other = formerOf(shown, items)
  const former = other && (await client.show(other.id))
  const holder = await client.holder(id)
  const { node, pods } = holder
  const isRoots = needsRoot(shown, holder) || (former !== undefined && needsRoot(former, holder))
  const carried = node === undefined ? '' : labelAndTaintWords(carriedOver(node))
  return {
    ...holder,
    evicted: pods.filter(isEvicted),
    ...given({
      former,
      carried: carried === '' ? undefined : carried,
      onlyRoot: isRoots ? `on a control-plane host: sudo joinery approve ${id} --replace` : undefined
    })
  }
}
