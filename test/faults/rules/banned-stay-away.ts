import { hasClaimed, type State } from '@joinery/protocol'
import type { History } from '../history.ts'

const turnedAway: readonly State[] = ['rejected', 'removed']

/** Removed is removed: at the end, after quiet sweeps, no Node is there of a machine that was rejected or removed. */
export const bannedStayAway = ({ nodes, enrolments }: History): string[] =>
  nodes.flatMap(({ name, machineId }) => {
    const named = enrolments.filter((enrolment) => enrolment.name === name && enrolment.attempts.length > 0)
    const own = named.find(({ facts }) => facts.machineId === machineId)
    const isHeld = named.some(hasClaimed)
    return own !== undefined && !isHeld && turnedAway.includes(own.state)
      ? [`Node ${name} is there, and ${own.id} is ${own.state}`]
      : []
  })
