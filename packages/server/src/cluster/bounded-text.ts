import { type ClusterNode, conditionsAtMost } from './cluster.ts'

/** Bytes that are kept of a text of the cluster. A kubelet may write there what it likes, as much as an object may hold. */
const kept = 1024

/** Characters of the type of a condition. A gate can name no longer one. */
const conditionKept = 317

const mark = '...'

/** The text, cut at 1 KB, between two characters and with a mark that it was cut. */
export const boundedText = (text: string): string => {
  const bytes = Buffer.from(text.slice(0, kept + 1))
  if (bytes.length <= kept) return text
  // a character that is cut in two is held back
  return new TextDecoder().decode(bytes.subarray(0, kept - mark.length), { stream: true }) + mark
}

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
