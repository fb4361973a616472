import { isAgentTooOld, type NodeTrace, rolesOf, type TracedNode, version } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { ClusterNode } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import type { OutsiderDocument } from '../../ports/store/documents/outsider-document.ts'
import { describe } from '../decision/describe.ts'
import { nodeOwnerOf } from '../name/whose-name.ts'
import { otherMachine } from '../node/unwanted-node.ts'

/**
 * The Node with the enrolment that it traces to, and what is wrong with that. `named`: the enrolments of its name in order of
 * creation. `outsider`: what is known of that name beside them. `warn`: what an operator is warned of before it is wrong. `server`:
 * version by which an agent is too old.
 */
export const traceNode = (
  node: ClusterNode,
  named: readonly EnrolmentDocument[],
  outsider: OutsiderDocument | undefined,
  warn: (owner: EnrolmentDocument) => string | undefined = () => undefined,
  server = version
): TracedNode => {
  const { name, uid, created, machineId, systemUuid, ready, reason, message, labels } = node
  const condition = conditions[ready]
  const says = [reason, message].filter(Boolean).join(': ')
  return {
    name,
    uid,
    machineId,
    systemUuid,
    created: created.toISOString(),
    condition,
    roles: rolesOf(labels),
    ...(ready !== 'True' && says !== '' && { message: says }),
    ...trace(node, named, outsider, warn, server)
  }
}

const conditions = { True: 'Ready', False: 'NotReady', Unknown: 'Unknown' } as const

type Trace = Pick<
  TracedNode,
  'agent' | 'cause' | 'enrolment' | 'seen' | 'before' | 'wrong' | 'certificateExpires' | 'warning'
> & {
  trace: NodeTrace
}

const trace = (
  node: ClusterNode,
  named: readonly EnrolmentDocument[],
  outsider: OutsiderDocument | undefined,
  warn: (owner: EnrolmentDocument) => string | undefined,
  server: string
): Trace => {
  const { owner, former } = nodeOwnerOf(named)
  if (owner !== undefined) {
    const enrolment = summary(owner)
    const known = {
      ...given({ certificateExpires: owner.certificates.seen?.notAfter, warning: warn(owner) }),
      ...agentOf(owner, server)
    }
    if (node.machineId === '') return { trace: 'unreported', enrolment, ...known }
    const stranger = otherMachine(owner, node)
    if (stranger !== undefined) return { trace: 'other-machine', enrolment, ...known, wrong: stranger }
    // nobody confirms a machine without an agent
    const unsure = (owner.join.confirmed === false && !owner.withoutAgent) || owner.reason !== undefined
    // kept of a look a moment ago: the Node may be Ready by now
    const cause = node.ready === 'True' ? undefined : owner.diagnosis.cause
    return {
      trace: 'enrolled',
      enrolment,
      ...known,
      ...given({ cause }),
      ...(unsure && { wrong: describe(owner, { names: true }) })
    }
  }
  if (former !== undefined) {
    const wrong = `its enrolment is ${describe(former, { names: true })}`
    return { trace: 'unwanted', enrolment: summary(former), wrong }
  }
  const seen = outsider?.node?.uid === node.uid ? outsider.node : undefined
  if (seen === undefined) return { trace: 'outside' }
  const { since, before } = seen
  const rogue = `it joined outside of Joinery, first seen ${since}`
  return { trace: 'outside', seen: since, before, ...(!before && { wrong: rogue }) }
}

const agentOf = ({ agent }: EnrolmentDocument, server: string): Pick<TracedNode, 'agent'> =>
  agent === undefined
    ? {}
    : { agent: { ...agent, ...(isAgentTooOld(agent.version, server) && { tooOld: true as const }) } }

const summary = ({ id, state, key }: EnrolmentDocument): NonNullable<TracedNode['enrolment']> => ({
  id,
  state,
  ...(key !== '' && { key })
})
