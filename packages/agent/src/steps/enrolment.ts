import { type Check, parseCode, passes } from '@joinery/protocol'
import { Refused } from '../pairing/pairing-server.ts'
import { survey } from '../plan/survey.ts'
import type { Progress } from '../prefetch/prefetch.ts'
import type { Executors } from './context.ts'
import { waitForChange } from './wait-for-change.ts'
import { wipeCopies } from './wipe-copies.ts'

/** The steps from the code to the approval: what this machine and the pairing server tell one another. */
export const enrolment: Executors<'enrol' | 'ask' | 'survey' | 'report-observation' | 'wait' | 'need-code'> = {
  enrol: async ({ code, observation }, { server, codes, memory, wantedName, say, log }) => {
    const canonical = parseCode(code)
    if (typeof canonical !== 'string') {
      throw new Refused('code-not-accepted', `${await codes.name()}: ${canonical.problem}`)
    }
    say('enrolling')
    memory.enrolment = await server.enrol({ code: canonical, name: await wantedName(), ...observation })
    memory.reported = observation
    log.info({ enrolment: memory.enrolment.id }, 'enrolled')
    // before the code file goes: if the power is cut between the two, the same enrolment is asked for once more
    await wipeCopies({ codes, log })
    await codes.taken(canonical)
  },

  ask: async (_, { server, memory, codes, log, signal }) => {
    try {
      memory.enrolment = (await server.wait(0, 0, signal)) ?? 'none'
      if (memory.enrolment !== 'none') await wipeCopies({ codes, log })
    } catch (error) {
      if (!(error instanceof Refused && error.code === 'not-found')) throw error
      memory.enrolment = 'none'
    }
  },

  survey: async ({ state, role }, { server, door, say, memory, clock }) => {
    say('asking the pairing server about the cluster, and whether it reaches this machine')
    memory.survey = { value: await survey({ server, door, clock }, { state, role }), at: clock.monotonic() }
    // with it preflight finds more, and some of that may be mended at once
    delete memory.observation
    delete memory.mendedAt
  },

  'report-observation': async ({ observation }, { server, memory, say }) => {
    say('telling the pairing server what changed on this machine')
    memory.enrolment = await server.observe(observation)
    memory.reported = observation
  },

  wait: async ({ seconds, reason }, context) => {
    const { prefetch, situation } = context
    const say = () => context.say(waitingFor(reason, situation.observation?.preflight ?? [], prefetch.progress))
    say()
    await prefetch.telling(say, () => waitForChange(context, seconds))
  },

  'need-code': async (_, { say, clock, config, signal, memory }) => {
    say(`no enrolment: put a code into ${config.codeFile}`)
    await clock.sleep(10_000, signal)
    delete memory.enrolment
  }
}

/**
 * The text of `systemctl status` while the agent waits: the server's reason, the names of the checks that fail here, and how many images
 * are here already, or are left to the kubelet.
 */
export const waitingFor = (reason: string, preflight: readonly Check[], progress?: Progress): string => {
  return `${reason}${inTheWay(reason, preflight)}${progress ? pulledOf(progress) : ''}`
}

const pulledOf = ({ here, of, left }: Progress): string =>
  `; pulled ${here} of ${of} images that this cluster's nodes run${left > 0 ? `, ${left} left to the kubelet` : ''}`

const inTheWay = (reason: string, preflight: readonly Check[]): string => {
  if (passes(preflight)) return ''
  const failing = preflight.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name)
  const look = 'see joinery-agent preflight'
  // the server names the checks that it was told
  if (failing.every((name) => reason.includes(name))) return `; ${look}`
  return `; ${failing.join(', ')} ${failing.length === 1 ? 'fails' : 'fail'}: ${look}`
}
