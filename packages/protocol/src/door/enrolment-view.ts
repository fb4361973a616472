import Type, { type Static } from 'typebox'
import { credentialKinds, roles } from '../api/agent-api.ts'
import { RecoverPolicy, recoveryReasons, recoveryStates } from '../api/recovery-api.ts'
import { states } from '../enrolment.ts'
import { remediations } from '../machine/machine.ts'
import { gatesAtMost } from '../words/gates.ts'
import { Labels, Taints } from '../words/labels-and-taints.ts'
import { conditionFields } from './conditions.ts'
import { changedFacts, checkNames, keyOf, plainText, timeOf, uidOf } from './texts.ts'

/** Most bytes that a view takes as JSON. A longer one leaves out labels, then checks, and says so. */
export const viewLimit = 2048

/**
 * `status` of an Enrolment: what an approver needs to see. It is a view, which the server writes and never reads. Texts by the
 * machine are escaped and cut.
 */
export const EnrolmentView = Type.Object(
  {
    ...conditionFields,
    state: Type.Enum([...states], { description: 'state of the enrolment' }),
    message: plainText('the thing that the enrolment waits for, or the reason for its end', 256),
    name: Type.String({ maxLength: 253, description: 'name of the Node' }),
    role: Type.Enum([...roles], { description: 'role of the machine' }),
    revision: Type.Integer({
      minimum: 0,
      description: 'revision of the state and the evidence, which a decision covers'
    }),
    key: keyOf("fingerprint of the agent's key; empty if there is no agent"),
    keyShort: Type.String({ maxLength: 24, description: 'first 80 bits of the key, to compare with the console' }),
    address: Type.String({ maxLength: 45, description: 'address at which the server sees the machine' }),
    code: Type.String({ maxLength: 64, description: 'id of the code' }),
    credential: Type.Enum([...credentialKinds], { description: 'credential kind that the machine joins with' }),
    created: timeOf('time at which the machine enrolled'),
    since: timeOf('time at which the state began'),
    expires: Type.Optional(timeOf('time at which the state ends by itself')),
    machine: Type.Object(
      {
        os: plainText('operating system, as the machine says', 64),
        arch: plainText('processor architecture, as the machine says', 32),
        cpus: Type.Integer({ minimum: 0, description: 'number of processors, as the machine says' }),
        memory: Type.Integer({ minimum: 0, description: 'memory in bytes, as the machine says' }),
        serial: plainText('serial number, as the machine says', 64),
        kubelet: plainText('version of the kubelet, as the machine says', 32)
      },
      { description: 'what the machine says about itself' }
    ),
    preflight: Type.Object(
      {
        fail: checkNames('checks that failed'),
        warn: checkNames('checks that warn')
      },
      { description: 'findings of the checks on the machine' }
    ),
    conflicts: Type.Integer({ minimum: 0, description: 'number of other keys that presented the code' }),
    nameConflict: Type.Optional(plainText('holder of the same name, if there is another one', 128)),
    labels: Type.Optional({
      ...Labels,
      description: 'labels that the Node gets; absent if there is no room for them'
    }),
    taints: Type.Optional({ ...Taints, description: 'taints that the Node gets' }),
    policy: Type.Optional(
      Type.Object(
        {
          remediate: Type.Optional(Type.Enum([...remediations], { description: 'what the agent may mend' })),
          ignore: checkNames('checks whose failure does not count')
        },
        { description: 'what the code says about the checks of the machine' }
      )
    ),
    restored: Type.Optional(
      Type.Object(
        {
          at: timeOf('time of that approval'),
          by: plainText('who gave it', 64),
          revision: Type.Integer({ minimum: 0, description: 'revision that was approved' }),
          changed: changedFacts('name, key, address and facts that are not what was approved', 16)
        },
        { description: 'approval that was taken back because the store is an older one: the machine waits again' }
      )
    ),
    recover: Type.Optional(RecoverPolicy),
    inService: Type.Optional(timeOf('time at which the gates of the code held, and the taint was gone')),
    notYet: Type.Optional(
      Type.Array(plainText('something that is missing until the Node is in service', 160), {
        maxItems: gatesAtMost + 1,
        description: 'what is missing until the Node is in service; absent if nothing is'
      })
    ),
    recovery: Type.Optional(
      Type.Object(
        {
          state: Type.Enum([...recoveryStates], { description: 'state of the way back' }),
          certificate: Type.Optional(
            Type.Enum([...recoveryReasons], {
              description: "what is wrong with the kubelet's certificate, as the machine says"
            })
          ),
          notAfter: Type.Optional(timeOf('end of the last certificate, as the machine says')),
          lastSeen: Type.Optional(timeOf('end of the last certificate that the server saw issued')),
          notReadySince: Type.Optional(timeOf('time since which the Node is not Ready')),
          address: Type.Optional(plainText('address from which the machine asks for the way back', 45)),
          addressBefore: plainText('address at which it was approved', 45),
          changed: changedFacts('facts that differ from those that were approved', 8),
          why: Type.Optional(plainText('why an operator is asked, or why it is refused or frozen', 160))
        },
        { description: 'way back of a machine that lost the certificate of its kubelet' }
      )
    ),
    node: Type.Optional(
      Type.Object(
        {
          uid: uidOf('uid of the Node'),
          condition: Type.Enum(['Ready', 'NotReady', 'Unknown', 'Gone'], { description: 'condition of the Node now' })
        },
        { description: 'Node of the machine, once there is one' }
      )
    ),
    cause: Type.Optional(
      Type.Object(
        {
          // a newer server may have a code that an older definition does not know
          code: Type.String({ maxLength: 64, pattern: '^[a-z-]+$', description: 'stable name of the cause' }),
          text: plainText('sentence for a person', 128)
        },
        { description: 'likeliest cause for which the Node is not Ready' }
      )
    )
  },
  { description: 'machine as the server sees it' }
)
export type EnrolmentView = Static<typeof EnrolmentView>
