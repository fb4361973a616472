import Type, { type Static } from 'typebox'
import { credentialKinds, roles } from '../api/agent-api.ts'
import { codeStatuses } from '../api/lists.ts'
import { CodeRequest, codeUses } from '../api/operator-routes.ts'
import { RecoverPolicy } from '../api/recovery-api.ts'
import { remediations } from '../machine/machine.ts'
import { gateLength, gatesAtMost } from '../words/gates.ts'
import { Labels, Taints } from '../words/labels-and-taints.ts'
import { conditionFields } from './conditions.ts'
import { checkNames, enrolmentId, plainText, problemCode, timeOf, username } from './texts.ts'

const address = Type.String({
  maxLength: 49,
  pattern: '^[0-9A-Fa-f.:/]+$',
  description: 'network as CIDR, or one address'
})

const asked = {
  name: Type.Optional(
    Type.String({
      maxLength: 253,
      pattern: '^[a-z0-9{]([a-z0-9.{}-]*[a-z0-9}])?$',
      description: 'node name, or a pattern with {n} for the lowest free number; if absent, the machine asks for a name'
    })
  ),
  role: Type.Enum([...roles], { description: 'role of the machine' }),
  uses: Type.Optional(
    Type.Integer({ ...codeUses, description: 'number of machines that may use the code; 1 if absent' })
  ),
  from: Type.Optional(
    Type.Array(address, { maxItems: 16, description: 'networks (CIDR) from which a machine must come; all if absent' })
  ),
  labels: Type.Optional(Labels),
  taints: Type.Optional(Taints),
  readyWhen: Type.Optional(
    Type.Array(
      Type.String({
        maxLength: gateLength,
        pattern: '^[!-~]*$',
        description: 'gate, such as daemonset:NAMESPACE/NAME'
      }),
      {
        maxItems: gatesAtMost,
        description:
          'gates that must hold before the Node takes Pods: condition:TYPE, daemonset:NAMESPACE/NAME, pod:NAMESPACE/KEY=VALUE'
      }
    )
  ),
  policy: Type.Optional(
    Type.Object(
      {
        remediate: Type.Optional(Type.Enum([...remediations], { description: 'what the agent may mend' })),
        ignore: Type.Optional(checkNames('checks whose failure does not count', 100))
      },
      { description: 'what the code says about the checks of the machine' }
    )
  ),
  credential: Type.Optional(
    Type.Enum([...credentialKinds], { description: "credential kind; the server's own if absent" })
  ),
  prefetch: Type.Optional(
    Type.Boolean({
      description:
        'whether a machine that waits is told which images the nodes run, and pulls them; if absent, only with from or for one machine'
    })
  ),
  recover: Type.Optional(RecoverPolicy),
  proof: Type.Optional(
    Type.Boolean({
      description:
        'whether the approval policy may rest on the code; who makes such a Code must have the right to approve'
    })
  )
}

/** `spec` of a Code. The operator's own machine makes the code, and sends only its hash. */
export const CodeSpec = Type.Object(
  {
    hash: Type.String({
      maxLength: 64,
      pattern: '^[0-9a-f]{64}$',
      description: 'SHA-256 of the code, in hex; also the name of the object'
    }),
    ...asked,
    expires: timeOf('time until which a machine may use the code for the first time; at most 30 days ahead'),
    by: username
  },
  { description: 'what the operator asks for; nobody changes it' }
)
export type CodeSpec = Static<typeof CodeSpec>

/** `status` of a Code, which the server writes. */
export const CodeStatusView = Type.Object(
  {
    ...conditionFields,
    state: Type.Enum([...codeStatuses, 'refused'], { description: 'state of the code' }),
    code: Type.Optional(problemCode('problem code, if the server refused it')),
    message: Type.Optional(plainText('what an operator should know of the code, or why the server refused it')),
    remedy: Type.Optional(plainText('what to do about it, if the server refused it')),
    used: Type.Integer({ minimum: 0, description: 'number of machines that have used the code' }),
    enrolment: Type.Optional(enrolmentId)
  },
  { description: 'what became of the code; the server writes it' }
)
export type CodeStatusView = Static<typeof CodeStatusView>

/** `spec` of a CodeTemplate: a code without a hash, for Git. */
export const CodeTemplateSpec = Type.Object(
  {
    ...asked,
    ttl: Type.Optional({ ...CodeRequest.properties.ttl, description: 'lifetime of the code, in seconds' })
  },
  { description: 'code that is made of the template' }
)
export type CodeTemplateSpec = Static<typeof CodeTemplateSpec>
