import { given } from '@joinery/protocol/given'
import { stages } from '../journal/stages.ts'
import type { SeenServer } from '../pairing/servers/server-choice.ts'
import type { Situation } from '../plan/plan.ts'
import type { AgentReport } from './agent-report.ts'

/** Everything that the agent knows and does now. Not all of it may be told: the code is in the situation. */
export interface View {
  situation?: Situation
  /** The thing that the agent does or waits for. */
  message: string
  /** The thing that the agent tries again and again. */
  failing?: AgentReport['failing'] | undefined
  /** The pairing servers as they were seen last. */
  servers?: readonly SeenServer[]
}

type Told = Pick<AgentReport, 'servers' | 'message' | 'enrolment' | 'attempt' | 'failing' | 'checks'>

/** The parts of a view that may be told, field by field. */
export const toldOf = ({ situation, message, failing, servers = [] }: View): Told => ({
  message,
  checks: [],
  ...given({ failing }),
  // one server needs no list
  ...(servers.length > 1 && { servers: servers.map(serverTold) }),
  ...(situation && situationTold(situation))
})

const serverTold = ({ url, inUse, tried }: SeenServer): NonNullable<AgentReport['servers']>[number] => ({
  url,
  inUse,
  state: tried?.was ?? 'not-tried',
  ...given({ why: tried?.why })
})

const situationTold = ({
  enrolment,
  observation,
  journal,
  join
}: Situation): Omit<Told, 'servers' | 'message' | 'failing'> => {
  const { attempt } = journal
  const stage = stages(join.output).at(-1)
  return {
    ...(typeof enrolment === 'object' && {
      enrolment: { id: enrolment.id, name: enrolment.name, state: enrolment.state }
    }),
    ...(attempt && {
      attempt: {
        number: attempt.number,
        ...given({ stage }),
        ...(attempt.controlPlane && { controlPlane: true })
      }
    }),
    checks: observation?.preflight.filter(({ verdict }) => verdict === 'fail') ?? []
  }
}
