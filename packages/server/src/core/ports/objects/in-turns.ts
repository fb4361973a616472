import type { SeenObject } from './asked-objects.ts'

/**
 * The objects by turns of their makers: the first of each maker, then the second of each. Among those of one turn, and those of one
 * maker, the order stays. So whoever makes thousands is not before others with all of them.
 */
export const inTurns = <T>(objects: readonly T[], makerOf: (object: T) => string): T[] => {
  const turns = new Map<string, number>()
  const placed = objects.map((object) => {
    const maker = makerOf(object)
    const turn = turns.get(maker) ?? 0
    turns.set(maker, turn + 1)
    return { object, turn }
  })
  return placed.toSorted((a, b) => a.turn - b.turn).map(({ object }) => object)
}

/** The user who made an object, which the policy of its kind holds to. Empty if the spec, which nobody has checked, names none. */
export const makerOf = ({ spec }: Pick<SeenObject, 'spec'>): string => {
  const by = typeof spec === 'object' && spec !== null && 'by' in spec ? spec.by : undefined
  return typeof by === 'string' ? by : ''
}
