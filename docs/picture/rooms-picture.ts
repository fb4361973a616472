/** A room, and the rooms that it imports. */
export interface Room {
  name: string
  imports: readonly string[]
}

const box = { width: 132, height: 30, apart: 14, between: 62, margin: 16, aRow: 8 }

/**
 * Draws rooms and the arrows of their imports, from top to bottom. Rooms that reach each other in a circle stand in one frame, and their
 * arrows are red. An arrow that a way over other rooms says already is left out.
 */
export const roomsPicture = (rooms: readonly Room[]): string => {
  const reached = reachOf(rooms)
  const inCircle = (one: string, other: string): boolean =>
    reached.get(one)?.has(other) === true && reached.get(other)?.has(one) === true
  const rows = rowsOf(rooms, inCircle)
  const places = new Map<string, { x: number; y: number }>()
  let y = box.margin
  const frames: string[] = []
  for (const row of rows) {
    const top = y
    const columns = Math.min(row.length, box.aRow)
    const left = box.margin + ((box.aRow - columns) * (box.width + box.apart)) / 2
    row.forEach(({ name }, index) => {
      const column = index % box.aRow
      if (index > 0 && column === 0) y += box.height + box.apart
      places.set(name, { x: left + column * (box.width + box.apart), y })
    })
    const [first] = row
    if (first !== undefined && inCircle(first.name, first.name)) {
      const width = columns * (box.width + box.apart) - box.apart + box.margin
      frames.push(
        `<rect class="circle" x="${left - box.margin / 2}" y="${top - 8}" width="${width}" height="${y - top + box.height + 16}" rx="6"/>`
      )
    }
    y += box.height + box.between
  }
  const width = 2 * box.margin + box.aRow * (box.width + box.apart) - box.apart
  const arrows = rooms.flatMap(({ name, imports }) =>
    imports
      .filter((to) => inCircle(name, to) || !imports.some((over) => over !== to && reached.get(over)?.has(to) === true))
      .map((to) => arrow(places.get(name), places.get(to), inCircle(name, to)))
  )
  const boxes = rooms.map(({ name }) => {
    const { x, y } = places.get(name) ?? { x: 0, y: 0 }
    return `<rect class="${name.split('/')[0]}" x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="4"/><text x="${x + box.width / 2}" y="${y + 19}">${name}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y - box.between + box.margin}" role="img" aria-label="Rooms of the server and their imports">
<style>${style}</style>
${[...frames, ...arrows, ...boxes].join('\n')}
</svg>
`
}

const style =
  'svg{background:#fff}text{font:11px sans-serif;text-anchor:middle}rect{fill:#f2f2f2;stroke:#666}' +
  'rect.core{fill:#e3eefb}rect.features{fill:#e6f5e4}rect.adapters{fill:#fdf1dc}rect.front{fill:#f3e6f7}rect.program,rect.commands{fill:#fbe6e4}' +
  'rect.circle{fill:none;stroke:#c00;stroke-dasharray:4}line{stroke:#888}line.circle{stroke:#c00;stroke-opacity:.35}'

type Place = { x: number; y: number } | undefined

const arrow = (from: Place, to: Place, isCircle: boolean): string =>
  from === undefined || to === undefined
    ? ''
    : `<line${isCircle ? ' class="circle"' : ''} x1="${from.x + box.width / 2}" y1="${from.y + box.height}" x2="${to.x + box.width / 2}" y2="${to.y}"/>`

/** The rooms that each room reaches, in one step or more. */
const reachOf = (rooms: readonly Room[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const next = new Map(rooms.map(({ name, imports }) => [name, imports]))
  return new Map(
    rooms.map(({ name }) => {
      const found = new Set<string>()
      const ahead = [name]
      for (let one = ahead.pop(); one !== undefined; one = ahead.pop()) {
        for (const to of next.get(one) ?? []) {
          if (!found.has(to)) ahead.push(to)
          found.add(to)
        }
      }
      return [name, found]
    })
  )
}

/** Rows of rooms: each room stands above all that it imports, and a circle of rooms is one row. */
const rowsOf = (rooms: readonly Room[], inCircle: (one: string, other: string) => boolean): Room[][] => {
  const groups: Room[][] = []
  for (const room of rooms) {
    const own = groups.find(([first]) => first !== undefined && inCircle(first.name, room.name))
    if (own === undefined) groups.push([room])
    else own.push(room)
  }
  const heights = new Map<Room[], number>()
  const heightOf = (group: Room[]): number => {
    const known = heights.get(group)
    if (known !== undefined) return known
    const below = groups.filter(
      (other) => other !== group && group.some(({ imports }) => other.some(({ name }) => imports.includes(name)))
    )
    const height = 1 + Math.max(0, ...below.map(heightOf))
    heights.set(group, height)
    return height
  }
  const byHeight = Map.groupBy(groups, heightOf)
  // rooms of one circle have their row alone
  return [...byHeight.keys()]
    .sort((one, other) => other - one)
    .flatMap((height) => {
      const at = byHeight.get(height) ?? []
      const single = at.filter(({ length }) => length === 1).flat()
      const circles = at.filter(({ length }) => length > 1)
      return [...circles, ...(single.length > 0 ? [single] : [])]
    })
}
