import type { Seen } from './seen.ts'

/** Counts of what was in one history, or in several: they show that something was tried. */
export interface Counts {
  histories: number
  acknowledged: number
  reads: number
  takeOvers: number
  refused: number
  settled: number
  restores: number
  hands: number
}

export const nothingPlayed: Counts = {
  histories: 0,
  acknowledged: 0,
  reads: 0,
  takeOvers: 0,
  refused: 0,
  settled: 0,
  restores: 0,
  hands: 0
}

export const countsOf = ({ commits, reads, takeOvers, restores, hands }: Seen): Counts => ({
  histories: 1,
  acknowledged: commits.filter(({ isDone }) => isDone).length,
  reads: reads.length,
  takeOvers: takeOvers.filter(({ refused }) => refused === undefined).length,
  refused: takeOvers.filter(({ refused }) => refused !== undefined).length,
  settled: takeOvers.filter(({ settled }) => settled !== undefined).length,
  restores: restores.length,
  hands: hands.length
})

export const addTo = (all: Counts, one: Counts): Counts =>
  Object.fromEntries(Object.entries(all).map(([what, count]) => [what, count + one[what as keyof Counts]])) as never

export const wordsOf = (counts: Counts): string => {
  const { histories, acknowledged, reads, takeOvers, refused, settled, restores, hands } = counts
  return [
    `histories ${histories}`,
    `commits acknowledged ${acknowledged}`,
    `reads ${reads}`,
    `take-overs ${takeOvers}, of which ${settled} settle, and ${refused} refused`,
    `restores ${restores}`,
    `documents changed by hand ${hands}`
  ].join(', ')
}
