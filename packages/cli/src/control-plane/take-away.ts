import type { EtcdMember } from '@joinery/etcd'
import { healthyOf } from '@joinery/etcd'
import { CommandEnd } from '@joinery/host/command-end'
import { isNodeName, type NameHolder } from '@joinery/protocol'
import { type Consent, requireName } from '../consent/require-name.ts'
import { type DrainOptions, drain } from '../node/drain.ts'
import { printEvicted } from '../node/evicted-pods.ts'
import type { SeenEnrolment } from '../operator-client.ts'
import { describeNode } from '../output/describe-node.ts'
import type { Session } from '../session/session.ts'
import { exitCodes } from '../terminal/errors.ts'
import { kubectl } from '../terminal/kubectl.ts'
import { decideMember, membersOf } from './decide-member.ts'
import { describeEtcd } from './etcd-left.ts'
import { type ControlPlaneHost, elsewhere, openHost } from './host.ts'

export interface Leave extends Consent {
  /** The command to repeat after a cut. */
  command: string
  /** The holder of the name in the cluster. */
  holder: NameHolder
}

type Options = DrainOptions & { yes?: true }

/**
 * Takes a control plane away, as root on another control-plane host: shows what is there, asks, drains, takes the
 * member out of etcd, and deletes the Node. A step that is already done is success, so the command can be repeated
 * after a cut. The server ends the enrolment.
 */
export const takeAwayControlPlane = async (
  enrolment: SeenEnrolment,
  leave: Leave,
  options: Options,
  session: Session
): Promise<void> => {
  const { terminal } = session
  const { name } = enrolment
  // root gives it to kubectl as a word of its command
  if (!isNodeName(name)) throw new CommandEnd(exitCodes.failure, `the server names no Node: ${name}`)
  const remedy = elsewhere(name, leave.command)
  const host = await openHost(terminal, remedy)
  try {
    await requireOther(enrolment, leave, host, session)
    const member = await lookAtEtcd(enrolment, host, remedy, terminal)
    const drains = options.drain && leave.holder.node !== undefined
    if (leave.holder.node !== undefined) terminal.err(`${describeNode(name, leave.holder.node, terminal.now())}\n`)
    printEvicted(leave.holder, drains, terminal)
    if (!options.yes) await requireName(leave, terminal)
    if (drains) await drain(name, options, `${leave.command} --no-drain`, session)
    await leaveEtcd(enrolment, host, member, remedy, terminal)
    await deleteNode(enrolment, leave, session)
  } finally {
    await host.etcd?.close()
  }
}

/** Throws if the Node is this host's: without its own control plane the host could not go on. */
const requireOther = async (
  { name }: SeenEnrolment,
  { command, holder }: Leave,
  { addresses }: ControlPlaneHost,
  session: Session
): Promise<void> => {
  if (holder.node === undefined) return
  const path = 'jsonpath={.status.addresses[*].address}'
  const args = ['get', 'node', name, '--ignore-not-found', '--output', path]
  const printed = await kubectl(args, session).catch((cause) => {
    throw new CommandEnd(exitCodes.failure, `nothing is removed: ${cause.message}`, command, { cause })
  })
  if (!printed.split(/\s+/).some((address) => addresses.includes(address))) return
  throw new CommandEnd(exitCodes.conflict, `${name} is this machine`, elsewhere(name, command))
}

interface Seen {
  members: EtcdMember[]
  healthy: ReadonlySet<string>
  /** Id of the member that goes. Undefined if none goes. */
  id: string | undefined
}

/** Throws if etcd does not answer, or needs the member. `asked`: members whose health counts. */
const see = async (
  leaver: SeenEnrolment,
  { etcd, addresses }: ControlPlaneHost,
  asked: (members: EtcdMember[]) => EtcdMember[],
  remedy: string
): Promise<Seen | undefined> => {
  if (etcd === undefined) return undefined
  const members = await etcd.members().catch((cause) => {
    throw new CommandEnd(exitCodes.failure, cause.message, remedy, { cause })
  })
  const healthy = await healthyOf(etcd, asked(members))
  const decided = decideMember(members, healthy, leaver, addresses)
  if (decided.do === 'refuse') throw new CommandEnd(exitCodes.conflict, decided.reason, remedy)
  return { members, healthy, id: decided.do === 'remove' ? decided.id : undefined }
}

/** Prints the members now and afterwards. Returns the id of the member that goes. */
const lookAtEtcd = async (
  leaver: SeenEnrolment,
  host: ControlPlaneHost,
  remedy: string,
  { err, colour }: Session['terminal']
): Promise<string | undefined> => {
  const seen = await see(leaver, host, (members) => members, remedy)
  err(describeEtcd(seen, colour))
  return seen?.id
}

/** Removes the member that was shown, or none: a drain takes minutes, and another member may have its name by then. */
const leaveEtcd = async (
  leaver: SeenEnrolment,
  host: ControlPlaneHost,
  shown: string | undefined,
  remedy: string,
  { err }: Session['terminal']
): Promise<void> => {
  const others = (members: EtcdMember[]) => members.filter((member) => !membersOf(members, leaver).includes(member))
  const { id } = (await see(leaver, host, others, remedy)) ?? {}
  if (id === undefined) return
  if (id !== shown) {
    throw new CommandEnd(exitCodes.conflict, `${leaver.name} has another member of etcd by now`, remedy)
  }
  await host.etcd?.remove(id).catch((cause) => {
    throw new CommandEnd(exitCodes.failure, cause.message, remedy, { cause })
  })
  err(`etcd member ${id} removed\n`)
}

const deleteNode = async ({ id, name }: SeenEnrolment, { command, holder }: Leave, session: Session): Promise<void> => {
  const { node } = await session.client.holder(id)
  if (node === undefined) return
  if (node.uid !== holder.node?.uid) {
    throw new CommandEnd(exitCodes.conflict, `another Node has the name ${name} by now`, `look again: ${command}`)
  }
  await kubectl(['delete', 'node', name, '--ignore-not-found'], session).catch((cause) => {
    throw new CommandEnd(exitCodes.failure, `the Node ${name} is not deleted: ${cause.message}`, command, { cause })
  })
}
