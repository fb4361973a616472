import type { Step } from '@joinery/agent/testing/plan'
import { executors } from '@joinery/agent/testing/steps'
import type { Moment } from '@joinery/testing/agents/agent-process'
import { type AgentMachine, type AgentOptions, openMachine, type RunningAgent } from '@joinery/testing/agents/agents'
import { insist } from '@joinery/testing/agents/insist'
import { becomeLeftover } from '@joinery/testing/agents/leftover'
import { approvePending, assertJoined, reaches, says } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import type { Pairing } from '@joinery/testing/pairing/pairing'
import type { Test } from 'tap'

/** What happens around an agent that is started when `prepare` is done, up to how it has to end. */
export interface Way {
  /** The steps that it is disturbed in: those that no other way has. */
  steps: Step['do'][]
  options?: AgentOptions
  /** Where it is killed and started again in any case, before that. */
  kill?: Moment
  prepare?: (open: AgentMachine, pairing: Pairing) => Promise<void>
  play: (t: Test, pairing: Pairing, open: AgentMachine, ended: Promise<unknown>) => Promise<void>
}

const approvedAndReady =
  (attempts: number): Way['play'] =>
  async (t, pairing, open, ended) => {
    // an operator who is quicker than its survey would spare it the wait
    await eventually('it waits', () => open.steps.includes('wait'))
    await approvePending(pairing, open)
    await ended
    await assertJoined(t, pairing, open, attempts)
  }

/** The steps of a control plane alone: test/rehearsal/control-plane.test.ts disturbs an agent in them. */
const ofControlPlanes: readonly string[] = ['pull-images', 'leave-etcd'] satisfies Step['do'][]

/** All the others: the ways below come to each of them. */
export const workerSteps = Object.keys(executors)
  .filter((step) => !ofControlPlanes.includes(step))
  .sort()

export const ways: Record<string, Way> = {
  'that joins': {
    steps: ['observe', 'mend', 'enrol', 'survey', 'wait', 'claim-and-join', 'follow', 'finish'],
    prepare: (open) => open.putCode(),
    play: async (t, pairing, open, ended) => {
      // an approval might be quicker than the first poll
      await eventually('it waits', () => open.steps.includes('wait'))
      await approvedAndReady(1)(t, pairing, open, ended)
    }
  },

  'that was restarted before': {
    steps: ['ask', 'report-observation'],
    kill: 'wait: before server.wait',
    prepare: (open) => open.putCode(),
    play: approvedAndReady(1)
  },

  'that waits for the network plugin': {
    steps: ['await-node'],
    options: { networkPlugin: false },
    prepare: (open) => open.putCode(),
    play: async (t, pairing, open, ended) => {
      await approvePending(pairing, open)
      await says(open, /waiting for the Node to be Ready: .*cni/)
      await pairing.cluster.setNodeReady(open.name, 'True', 'KubeletReady', 'kubelet is posting ready status')
      await ended
      await assertJoined(t, pairing, open)
    }
  },

  'whose first attempt fails': {
    steps: ['close', 'report-failed', 'reset'],
    prepare: async (open) => {
      open.machine.failNextJoin('kubelet-start', ['error: error execution phase kubelet-start: i/o timeout'])
      await open.putCode()
    },
    play: approvedAndReady(2)
  },

  'that has no code at first': {
    steps: ['need-code'],
    play: async (t, pairing, open, ended) => {
      await eventually('it asks for a code', () => open.steps.includes('need-code'))
      await open.putCode()
      await approvedAndReady(1)(t, pairing, open, ended)
    }
  },

  'that starts anew': {
    // in the last one it takes back what it left
    steps: ['keep', 'start-anew', 'mend'],
    options: { config: { remediate: 'runtime' } },
    prepare: async (open, pairing) => {
      await becomeLeftover(pairing, open)
      await open.putCode()
      await pairing.cluster.goDown()
    },
    play: async (t, pairing, open, ended) => {
      await says(open, /^there is a new code, and whether the Node .* is Ready is not known/)
      await pairing.cluster.comeBack()
      await approvedAndReady(1)(t, pairing, open, ended)
    }
  },

  'that is rejected': {
    steps: ['give-up'],
    prepare: (open) => open.putCode(),
    play: async (t, pairing, open, ended) => {
      await reaches(pairing, open.name, 'pending')
      await insist('it is rejected', () => pairing.operator.reject(open.name, { reason: 'not ours' }))
      await ended
      t.match(await reaches(pairing, open.name, 'rejected'), { attempts: { length: 0 } })
    }
  }
}

let machines = 0

/** Does something at a moment; `restart` kills the agent and starts it again. */
type Disturb = (open: AgentMachine, agent: RunningAgent, restart: () => void) => unknown

/** Plays the way, disturbed once at each moment of `left` that it comes to, which it takes out. Gives all moments that it came to. */
export const playWay = async (
  t: Test,
  pairing: Pairing,
  { options, kill, prepare, play }: Way,
  left = new Set<Moment>(),
  disturb: Disturb = () => {}
): Promise<Moment[]> => {
  // what goes on beside the steps falls into none of them: worker/prefetch.test.ts kills an agent there
  pairing.cluster.imageSight = async () => ({ nodes: [] })
  const open = await openMachine(t, pairing, `worker-${++machines}`, options)
  let first = kill
  const seen: Moment[] = []
  const { promise: ended, resolve } = Promise.withResolvers<unknown>()
  const start = () => void open.start().ended.then(resolve)
  await prepare?.(open, pairing)
  open.watch = async (moment, agent) => {
    const restart = () => {
      agent.kill()
      start()
    }
    seen.push(moment)
    if (first === undefined) return left.delete(moment) && disturb(open, agent, restart)
    if (moment !== first) return
    first = undefined
    restart()
  }
  start()
  // nothing else comes in between: an approval might be quicker than what it is killed at
  if (kill !== undefined) await eventually('it was killed', () => first === undefined)
  await play(t, pairing, open, ended)
  return seen
}

export const stepOf = (moment: Moment): string => moment.replace(/:.*/, '')

/** The moments in the steps of this way, each once. */
export const momentsOf = ({ steps }: Way, seen: readonly Moment[]): Moment[] =>
  [...new Set(seen)].filter((moment) => steps.some((step) => step === stepOf(moment)))
