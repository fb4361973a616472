/** Rows of a long list that are drawn, and the heights of what is left out above and below. */
export interface Windowed {
  first: number
  end: number
  above: number
  below: number
}

/** Rows that are drawn above and below what can be seen, so that a quick scroll shows no gap. */
const spare = 12

/** The rows to draw of a list of `count` rows, for a view of `height` pixels that is scrolled to `top`. */
export const windowed = (count: number, row: number, top: number, height: number): Windowed => {
  const seen = Math.max(0, Math.floor(top / row))
  const first = Math.min(Math.max(0, seen - spare), count)
  const end = Math.min(count, Math.max(first, seen + Math.ceil(height / row) + spare))
  return { first, end, above: first * row, below: (count - end) * row }
}
