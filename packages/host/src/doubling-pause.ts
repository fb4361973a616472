/** Milliseconds to wait after `failures` in a row: `first` after the first one, twice as long each time, and never longer than `most`. */
export const doublingPause = (failures: number, { first, most }: { first: number; most: number }): number =>
  Math.min(most, first * 2 ** Math.min(Math.max(failures - 1, 0), 30))
