import { hasEnded, holdsName, isArriving, statesThat } from '@joinery/protocol'

/**
 * SQL list of the states for which the answer is yes. SQLite finds an index by the text of its migration, so the order
 * counts.
 */
const listOf = (answer: Parameters<typeof statesThat>[0]): string =>
  `(${statesThat(answer)
    .map((state) => `'${state}'`)
    .join(', ')})`

/**
 * States in which a name is taken, or would be taken again after a retry. A counter of names passes over such a name.
 */
export const naming = listOf((one) => !hasEnded(one))

/** States that hold a name. */
export const holding = listOf(holdsName)

/** States between a claim and Ready. */
export const arriving = listOf(isArriving)
