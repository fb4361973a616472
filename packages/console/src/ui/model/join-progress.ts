import { hasOpenAttempt, isArriving, progressOf } from '@joinery/protocol/browser'
import type { SeenEnrolment } from '../../contract.ts'

/** Progress of a join. `known` is false if the door does not tell stages: then the bar shows only that it goes on. */
export interface Progress {
  done: number
  of: number
  known: boolean
  text: string
}

/** Parts of a bar: those of kubeadm, then the Node that registers, then Ready. */
const afterwards = 2

type About = Pick<SeenEnrolment, 'state' | 'role' | 'attempts' | 'node'>

/** The progress of a machine between its claim and Ready. Undefined for a machine that does not arrive. */
export const joinProgress = (about: About): Progress | undefined => {
  if (!isArriving(about)) return undefined
  const { role, attempts, node } = about
  const stage = attempts?.at(-1)?.stage
  const { done, of } = progressOf(stage, role)
  const whole = of + afterwards
  if (!hasOpenAttempt(about)) {
    const text = node?.condition === 'Ready' ? 'Node Ready, to be confirmed' : 'Node registered'
    return { done: node?.condition === 'Ready' ? whole - 1 : of + 1, of: whole, known: true, text }
  }
  return { done, of: whole, known: attempts !== undefined, text: stage ?? 'credential claimed' }
}
