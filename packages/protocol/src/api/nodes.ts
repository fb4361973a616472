import Type, { type Static } from 'typebox'
import { states } from '../enrolment.ts'
import { FirstCause } from '../machine/cause.ts'
import { fingerprintOf } from '../machine/machine.ts'
import { ListMetadata } from './lists.ts'

const time = Type.String({ format: 'date-time' })

/**
 * The kinds of origin that a Node of the cluster can have.
 * - enrolled: an enrolment holds its name, and the Node is the machine that enrolled
 * - unreported: an enrolment holds its name; its kubelet has not said yet which machine it is
 * - other-machine: an enrolment holds its name, but its machine id or system UUID are not that enrolment's
 * - unwanted: its enrolment was turned away: rejected, expired, frozen, removed, or pending again
 * - outside: it has no enrolment: it was there before Joinery, or joined by other means
 */
export const nodeTraces = ['enrolled', 'unreported', 'other-machine', 'unwanted', 'outside'] as const
export type NodeTrace = (typeof nodeTraces)[number]

/** A Node of the cluster, with the enrolment that it traces to. */
export const TracedNode = Type.Object({
  name: Type.String(),
  uid: Type.String(),
  created: time,
  condition: Type.Enum(['Ready', 'NotReady', 'Unknown']),
  roles: Type.Array(Type.String()),
  machineId: Type.String({ description: 'machine id from the kubelet; empty until the kubelet has reported' }),
  systemUuid: Type.String(),
  trace: Type.Enum([...nodeTraces]),
  enrolment: Type.Optional(
    Type.Object({ id: Type.String(), state: Type.Enum([...states]), key: Type.Optional(fingerprintOf('a public key')) })
  ),
  seen: Type.Optional(
    Type.String({
      format: 'date-time',
      description: 'time at which the server first saw the Node; only an outsider has it'
    })
  ),
  before: Type.Optional(
    Type.Boolean({ description: 'true if the Node was there when the server first looked; only an outsider has it' })
  ),
  agent: Type.Optional(
    Type.Object(
      {
        version: Type.String(),
        since: time,
        tooOld: Type.Optional(Type.Literal(true, { description: 'it is older than this server promises to work with' }))
      },
      { description: 'joinery-agent of the machine, as it said itself last; absent if it never said so' }
    )
  ),
  cause: Type.Optional(FirstCause),
  wrong: Type.Optional(Type.String({ description: 'problem that a person must look at' })),
  message: Type.Optional(
    Type.String({
      description: 'reason why the Node is not Ready, in the words of its condition; absent if it is Ready'
    })
  ),
  certificateExpires: Type.Optional(
    Type.String({
      format: 'date-time',
      description: "end of the kubelet's certificate that the server saw issued last; absent if it saw none"
    })
  ),
  warning: Type.Optional(
    Type.String({
      description: "warning that the kubelet's certificate ends soon and was not renewed, with the reason"
    })
  )
})
export type TracedNode = Static<typeof TracedNode>

export const NodeList = Type.Object({ items: Type.Array(TracedNode), metadata: Type.Optional(ListMetadata) })
