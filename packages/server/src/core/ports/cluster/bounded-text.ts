import { escapeText } from '@joinery/protocol'
import type { NodeSight } from './node-sight.ts'
import { type ClusterNode, conditionsAtMost } from './nodes.ts'

/** Bytes that are kept of a text of the cluster. A kubelet may write there what it likes, as much as an object may hold. */
const kept = 1024

/** The text escaped, and cut to so many characters. No escape is cut in two. */
export const tame = (text: string, characters: number): string => {
  let tamed = ''
  // a text of a megabyte costs no more than a short one
  for (const character of text.slice(0, characters)) {
    const escaped = escapeText(character)
    if (tamed.length + escaped.length > characters) break
    tamed += escaped
  }
  return tamed
}

/** Characters of the type of a condition. A gate can name no longer one. */
const conditionKept = 317

const mark = '...'

/** The text, cut at 1 KB, between two characters and with a mark that it was cut. */
export const boundedText = (text: string): string => cutAt(text, kept)

/** Bytes that are kept of a text of a machine or of a person. */
const longKept = 4096

/** The same, cut at 4 KB: the words of a machine about a failure, or of a person. */
export const longText = (text: string): string => cutAt(text, longKept)

/** Bytes that are kept of a text that says why something does not run. */
const shortKept = 512

/** The same, cut at 512 bytes: a look at a Node reads many of them. */
export const shortText = (text: string): string => cutAt(text, shortKept)

/** The text, cut at so many bytes in the same way. */
export const cutAt = (text: string, most: number): string => {
  const bytes = Buffer.from(text.slice(0, most + 1))
  if (bytes.length <= most) return text
  // a character that is cut in two is held back
  return new TextDecoder().decode(bytes.subarray(0, most - mark.length), { stream: true }) + mark
}

/** Conditions and taints of one Node that are read. A kubelet may write as many as an object may hold. */
const partsAtMost = 50

/** The sight of a Node with every text that others choose cut. */
export const boundedSight = (sight: NodeSight): NodeSight => ({
  ...sight,
  kubelet: shortText(sight.kubelet),
  taints: sight.taints.slice(0, partsAtMost),
  podCidrs: sight.podCidrs.slice(0, partsAtMost),
  conditions: sight.conditions.slice(0, partsAtMost).map((condition) => ({
    ...condition,
    type: shortText(condition.type),
    reason: shortText(condition.reason),
    message: shortText(condition.message)
  }))
})

/** The Node with every text that its kubelet chooses cut: the Node goes into documents, timelines and answers. */
export const boundedNode = (node: ClusterNode): ClusterNode => ({
  ...node,
  machineId: boundedText(node.machineId),
  systemUuid: boundedText(node.systemUuid),
  reason: boundedText(node.reason),
  message: boundedText(node.message),
  conditions: node.conditions
    .filter((type) => type.length <= conditionKept)
    .sort()
    .slice(0, conditionsAtMost)
})

/** Characters that are kept of a reason on the ban list: one ConfigMap holds all names that were ever removed. */
const reasonKept = 128

/** The reason of a ban, cut as the list holds it: a machine may have a word in it, of any length. */
export const shortReason = (reason: string): string => {
  const characters = [...reason]
  return characters.length <= reasonKept ? reason : `${characters.slice(0, reasonKept - 3).join('')}...`
}
