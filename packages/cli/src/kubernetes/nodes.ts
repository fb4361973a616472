import { CommandEnd } from '@joinery/host/command-end'
import { boundPods, inPages } from '@joinery/kube'
import {
  escapeText,
  hasJoined,
  isControlPlane,
  isNodeName,
  type Labels,
  type List,
  type NameHolder,
  type NodeQuery,
  rolesOf,
  type Taint
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { OperatorClient, SeenEnrolment, SeenNode } from '../operator-client.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { DoorApi } from './door-api.ts'

/** A Node as the API server gives it, as far as it is read here. */
interface NodeObject {
  metadata?: { name?: string; uid?: string; creationTimestamp?: Date | string; labels?: Labels }
  spec?: { taints?: { key: string; value?: string; effect: string }[] }
  status?: {
    conditions?: { type: string; status: string; reason?: string; message?: string }[]
    nodeInfo?: { machineID?: string; systemUUID?: string }
  }
}

/**
 * The Nodes that fit, each with the enrolment whose view has its uid. Nodes and views are read with the operator's own rights. A
 * page goes on behind the name of its last Node.
 */
export const listNodes = async (
  api: DoorApi,
  enrolments: Pick<OperatorClient, 'list'>,
  { name, role, limit, continue: after = '' }: NodeQuery,
  say: (line: string) => void
): Promise<List<SeenNode>> => {
  const nodes = await api.call(({ core }) => inPages((page) => core.listNode(page), factsOf))
  // read after the Nodes, so the enrolment that brought a Node is there
  const { items: views } = await enrolments.list()
  const byUid = new Map(views.flatMap((view) => (view.node === undefined ? [] : [[view.node.uid, view] as const])))
  const behind = after === '' ? '' : Buffer.from(after, 'base64url').toString('utf8')
  const fitting = nodes
    .filter((node) => node.name > behind && (name === undefined || node.name === name))
    .filter((node) => role === undefined || isControlPlane(node) === (role === 'control-plane'))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
  const page = fitting.slice(0, limit === undefined ? fitting.length : Number(limit))
  const items = page.map((node) => traced(node, byUid))
  if (items.some(({ trace }) => trace === 'untraced')) {
    say(
      "untraced: no enrolment in Kubernetes has this Node; sudo joinery nodes on the pairing server's host says how it came\n"
    )
  }
  const last = items.length < fitting.length ? items.at(-1) : undefined
  return { items, ...(last !== undefined && { metadata: { continue: Buffer.from(last.name).toString('base64url') } }) }
}

const traced = (
  { name, uid, labels, machineId, systemUuid, created, condition, message: says }: NodeFacts,
  byUid: ReadonlyMap<string, SeenEnrolment>
): SeenNode => {
  const words = given({ message: says || undefined })
  const about = { name, uid, created, condition, roles: rolesOf(labels), machineId, systemUuid, ...words }
  const view = uid === '' ? undefined : byUid.get(uid)
  if (view === undefined) return { ...about, trace: 'untraced' }
  const { id, state, key, message, cause } = view
  const enrolment = { id, state, ...(key !== '' && { key }) }
  if (hasJoined(view)) {
    // the view follows a moment later: the Node may be Ready by now
    return { ...about, trace: 'enrolled', enrolment, ...(condition !== 'Ready' && given({ cause })) }
  }
  return { ...about, trace: 'unwanted', enrolment, wrong: `its enrolment is ${message}` }
}

/** The Node and the Pods that use the name of an enrolment now. Throws for a name that no Node can have. */
export const nameHolder = async (api: DoorApi, name: string): Promise<NameHolder> => {
  if (!isNodeName(name)) {
    throw new CommandEnd(exitCodes.failure, `no Node can have the name ${escapeText(name)}`)
  }
  const node = await api.ifThere(name, async ({ core }) => factsOf(await core.readNode({ name })))
  const pods = await api.call((connection) => boundPods(connection, name))
  if (node === undefined) return { pods }
  const { uid, created, condition, message, labels, taints } = node
  return { node: { uid, created, condition, message, labels, taints }, pods }
}

/** The parts of a Node that are read. */
interface NodeFacts extends NonNullable<NameHolder['node']> {
  name: string
  machineId: string
  systemUuid: string
}

const factsOf = (node: NodeObject): NodeFacts => ({
  name: node.metadata?.name ?? '',
  uid: node.metadata?.uid ?? '',
  created: createdOf(node),
  ...conditionOf(node),
  labels: node.metadata?.labels ?? {},
  taints: (node.spec?.taints ?? []).map(({ key, value = '', effect }) => ({
    key,
    value,
    effect: effect as Taint['effect']
  })),
  machineId: node.status?.nodeInfo?.machineID ?? '',
  systemUuid: node.status?.nodeInfo?.systemUUID ?? ''
})

const createdOf = ({ metadata }: NodeObject): string => {
  const time = new Date(metadata?.creationTimestamp ?? 0)
  // what is no time is the oldest one
  return (Number.isNaN(time.getTime()) ? new Date(0) : time).toISOString()
}

/** The condition Ready of a Node, and why it is not Ready. */
const conditionOf = ({ status }: NodeObject): Pick<NonNullable<NameHolder['node']>, 'condition' | 'message'> => {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  if (ready?.status === 'True') return { condition: 'Ready', message: '' }
  const condition = ready?.status === 'False' ? 'NotReady' : 'Unknown'
  return { condition, message: [ready?.reason, ready?.message].filter(Boolean).join(': ') }
}
