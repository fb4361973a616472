/**
 * Milliseconds between two looks at a join, after one that took `looked`: half a second, and longer on a slow machine, where
 * looks would take the processor from what they look at: a tenth of the time at most, but for the slowest of all.
 */
export const pauseAfter = (looked: number): number => Math.min(5000, Math.max(500, 9 * looked))
