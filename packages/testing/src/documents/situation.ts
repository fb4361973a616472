import type { JoinState } from '@joinery/agent/testing/machine'
import type { Situation } from '@joinery/agent/testing/plan'
import type { SeenEnrolment, SeenState } from '@joinery/protocol'

/** The situation of an agent that has just started on a machine which never joined, and has not looked at it yet. */
export const aSituation = (more: Partial<Situation> = {}): Situation => ({
  bootId: 'this boot',
  journal: {},
  join: noJoin,
  observationAge: 0,
  unreported: false,
  mendAge: Number.POSITIVE_INFINITY,
  policy: { remediate: 'safe', ignore: [] },
  surveyDue: false,
  imagesHere: false,
  nextAttemptIn: 0,
  ...more
})

/** Join state of a machine on which there was no join. */
export const noJoin: JoinState = { unit: 'absent', output: [], bootstrapConf: false, kubeletConf: false }

/** An enrolment as the agent is told of it. By default it is a worker's that has not claimed. */
export const anOwnEnrolment = (state: SeenState, more: Partial<SeenEnrolment> = {}): SeenEnrolment => ({
  id: 'e1',
  revision: 1,
  state,
  name: 'worker-1',
  role: 'worker',
  attempt: 0,
  message: `it is ${state}`,
  ...more
})
