/** A bar of a chart, in units of the chart's own size. */
export interface Bar {
  x: number
  y: number
  width: number
  height: number
}

/** A round number that is at least `largest`, for the top of an axis: 1, 2, 5, 10, 20, 50 and so on. */
export const roundTop = (largest: number): number => {
  if (largest <= 1) return 1
  const power = 10 ** Math.floor(Math.log10(largest))
  const [factor = 10] = [1, 2, 5, 10].filter((factor) => factor * power >= largest)
  return factor * power
}

/** Ticks of an axis from zero to `top`: at most five, at whole numbers if the top is one. */
export const ticks = (top: number): number[] => {
  const parts = [4, 5, 2, 1].find((parts) => Number.isInteger(top / parts)) ?? 1
  return Array.from({ length: parts + 1 }, (_, index) => (top / parts) * index)
}

/** Stands the values of one group after the other along an axis, with a gap between groups. Heights grow upwards from the bottom. */
export const columns = (
  groups: readonly (readonly number[])[],
  { width, height, top }: { width: number; height: number; top: number }
): Bar[][] => {
  const room = groups.length === 0 ? width : width / groups.length
  return groups.map((values, index) => {
    const gap = Math.min(room * 0.3, 8)
    const bar = (room - gap) / Math.max(1, values.length)
    return values.map((value, place) => {
      const tall = top === 0 ? 0 : (Math.max(0, value) / top) * height
      return { x: index * room + gap / 2 + place * bar, y: height - tall, width: Math.max(1, bar - 1), height: tall }
    })
  })
}
