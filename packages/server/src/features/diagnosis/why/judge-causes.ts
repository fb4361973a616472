import { type Cause, type CauseCode, type CauseSource, causesAtMost, rankCauses } from '@joinery/protocol'
import { judgeDaemonSets } from './judge-daemon-sets.ts'
import { judgeNode, judgeWords } from './judge-node.ts'
import type { Reading, Reported } from './reading.ts'
import { asClaimed, disproof } from './reported.ts'
import { hasComeBack, isSilent, judgeClock, judgeReturn, judgeSilence } from './silence.ts'

/** Causes for which a Node is not Ready, the likeliest first, and what could not be looked at or cannot be true. */
export interface Judged {
  causes: Cause[]
  unseen: string[]
}

/**
 * Judges why a Node is not Ready, by what was read of the cluster and what its machine has said. `now`: by the cluster's clock. The
 * machine never hides what the cluster shows: it gets the places that the cluster leaves, and two at least.
 */
export const judgeCauses = (reading: Reading, now: Date, reported?: Reported): Judged => {
  const shown = oncePerCause(judgeCluster(reading, now, reported))
  const [claims, disproved] = judgeClaims(reading, now, reported)
  const ofCluster = rankCauses(shown).slice(0, causesAtMost - Math.min(claims.length, placesOfMachine))
  const ofMachine = rankCauses(claims).slice(0, causesAtMost - ofCluster.length)
  return { causes: rankCauses([...ofCluster, ...ofMachine]), unseen: [...disproved, ...reading.unseen] }
}

/** Places among the causes that a machine gets if the cluster shows as many as there are. */
const placesOfMachine = 2

const judgeCluster = (reading: Reading, now: Date, reported: Reported | undefined): Cause[] => {
  // what else the cluster shows of a Node that is not heard, or was not a moment ago, is of before
  const lasting = () => judgeNode(reading, now).filter(({ code }) => code === 'banned')
  if (isSilent(reading, now)) return [...lasting(), ...judgeSilence(reading, now, reported)]
  if (hasComeBack(reading, now)) return [...lasting(), judgeReturn(reading)]
  return [
    ...judgeClock(reading, now),
    ...judgeNode(reading, now),
    ...judgeDaemonSets(reading, now),
    ...judgeWords(reading)
  ]
}

const judgeClaims = (reading: Reading, now: Date, reported: Reported | undefined): [Cause[], string[]] => {
  const claims = (reported?.causes ?? []).map((claim) => ({
    claim,
    wrong: reported && disproof(claim, reading, reported, now)
  }))
  return [
    claims.flatMap(({ claim, wrong }) => (wrong === undefined ? asClaimed(claim) : [])),
    claims.flatMap(({ wrong }) => wrong ?? [])
  ]
}

/** One cause of each code and source: the Pods of many DaemonSets may fail for one reason. The first one stays. */
const oncePerCause = (causes: readonly Cause[]): Cause[] => {
  const seen = new Set<`${CauseSource} ${CauseCode}`>()
  return causes.filter(({ code, from }) => {
    const key = `${from} ${code}` as const
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
