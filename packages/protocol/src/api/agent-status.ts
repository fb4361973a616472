import Type, { type Static } from 'typebox'
import { seenStates } from '../enrolment.ts'
import { Check } from '../machine/machine.ts'
import { MachineChange } from '../machine/machine-change.ts'
import { failureClasses } from './agent-api.ts'

const strict = { additionalProperties: false }

/**
 * The conditions of an agent on its machine:
 * - not-configured: nobody has told it of a server
 * - starting: it is about to run
 * - running: it runs
 * - ready: it ended, because the node is Ready
 * - ended: it ended, because an operator ended its enrolment
 * - stopped: it does not run, and could
 * - failed: it ended with an error
 */
export const agentConditions = ['not-configured', 'starting', 'running', 'ready', 'ended', 'stopped', 'failed'] as const
export type AgentCondition = (typeof agentConditions)[number]

/**
 * The phases of the way back on the machine:
 * - asking: it asks the pairing server
 * - waiting: an operator has to decide
 * - returning: it has a credential, and waits for its kubelet
 * - interrupted: no process is at work on it; the next look goes on
 */
export const recoveryPhases = ['asking', 'waiting', 'returning', 'interrupted'] as const

const lasted = Type.Integer({ minimum: 0, description: 'duration in seconds' })

/**
 * The conditions of a pairing server as an agent saw it last:
 * - active: it answered
 * - standby: it said that another server is active
 * - away: no answer that can be trusted came
 * - not-tried: the agent did not need it yet
 */
export const agentServerStates = ['active', 'standby', 'away', 'not-tried'] as const

export const AgentServers = Type.Array(
  Type.Object(
    {
      url: Type.String(),
      inUse: Type.Boolean({ description: 'whether the agent asks this server now' }),
      state: Type.Enum([...agentServerStates]),
      why: Type.Optional(Type.String({ description: 'why it is not the one that answers' }))
    },
    strict
  ),
  { description: 'pairing servers that the agent knows, if there are several' }
)

/** The JSON that `joinery-agent status -o json` prints. `version` changes if a field goes, or comes to mean something else. */
export const AgentStatus = Type.Object(
  {
    version: Type.Literal(1, { description: 'version of this format' }),
    agent: Type.Enum([...agentConditions]),
    message: Type.String({ description: 'what the agent does or waits for, or why it does not run' }),
    lasted: Type.Optional(lasted),
    remedy: Type.Array(Type.String(), { description: 'commands for root on this machine, if a person is needed' }),
    server: Type.Optional(Type.String({ description: 'URL of the pairing server' })),
    servers: Type.Optional(AgentServers),
    key: Type.Optional(Type.String({ description: "fingerprint of this machine's key" })),
    enrolment: Type.Optional(
      Type.Object(
        { id: Type.String(), name: Type.String(), state: Type.Enum([...seenStates]) },
        {
          ...strict,
          description: 'enrolment as the server last described it; `unknown` stands for a state of a newer server'
        }
      )
    ),
    attempt: Type.Optional(
      Type.Object(
        {
          number: Type.Integer(),
          stage: Type.Optional(Type.String({ description: 'name of the stage, in the words of kubeadm' })),
          done: Type.Integer({ description: 'number of stages that have begun' }),
          of: Type.Integer({ description: 'number of stages of a join' })
        },
        strict
      )
    ),
    failing: Type.Optional(
      Type.Object(
        {
          reason: Type.String(),
          tries: Type.Integer({ minimum: 1, description: 'number of tries that failed in a row' }),
          lasted,
          nextTry: Type.Integer({ minimum: 0, description: 'seconds until the next try' })
        },
        { ...strict, description: 'action that the agent repeats because it fails' }
      )
    ),
    failures: Type.Array(
      Type.Object(
        {
          attempt: Type.Integer(),
          class: Type.Enum([...failureClasses]),
          stage: Type.String(),
          cause: Type.Optional(Type.String({ description: 'cause in plain words' })),
          remedy: Type.Array(Type.String()),
          output: Type.Array(Type.String({ description: 'last lines that kubeadm printed' }))
        },
        strict
      ),
      { description: 'failures of the last attempts, the oldest first; empty once the machine is Ready' }
    ),
    recovery: Type.Optional(
      Type.Object(
        { phase: Type.Enum([...recoveryPhases]), lasted: Type.Optional(lasted) },
        { ...strict, description: 'way back of a node whose kubelet lost its certificate, while it is under way' }
      )
    ),
    checks: Type.Array(Check, { description: 'preflight checks that fail' }),
    changes: Type.Array(MachineChange, { description: 'changes that the agent made on this machine' })
  },
  strict
)
export type AgentStatus = Static<typeof AgentStatus>
