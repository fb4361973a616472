import { ask, type Event, isFinal, type Question, type State, states, transitions } from '@joinery/protocol'
import { questions, timeOf } from './questions.ts'

/** Where each state stands: the way of a machine from left to right, what stops it below and above. */
const places: Record<State, { column: number; row: number }> = {
  pending: { column: 0, row: 1 },
  approved: { column: 1, row: 1 },
  joining: { column: 2, row: 1 },
  joined: { column: 3, row: 1 },
  ready: { column: 4, row: 1 },
  recovering: { column: 4, row: 0 },
  frozen: { column: 1.2, row: 0 },
  failed: { column: 3, row: 0 },
  expired: { column: 0, row: 2 },
  rejected: { column: 2, row: 2 },
  removed: { column: 4, row: 2 }
}

/** Who makes an event happen; it gives the arrow its colour. */
const actors = {
  operator: { colour: '#0b62b3', events: ['approve', 'reject', 'release', 'retry', 'remove', 'restore'] },
  machine: {
    colour: '#2f7d32',
    events: ['claim', 'evidence-changed', 'conflict', 'fail', 'give-up', 'recover', 'claim-recovery']
  },
  cluster: { colour: '#7b3fa0', events: ['register', 'become-ready', 'end-recovery', 'end-early-recovery'] },
  clock: { colour: '#8a6d00', events: ['expire'] }
} satisfies Record<string, { colour: string; events: Event[] }>

const box = { width: 116, height: 40 }
const gap = { column: 228, row: 180 }
const margin = { left: 40, top: 56 }
const width = margin.left * 2 + gap.column * 4 + box.width
const legend = margin.top + gap.row * 2 + box.height + 32
const grid = { top: legend + 56, row: 20, column: 78, labels: width - margin.left - states.length * 78 }
const height = grid.top + Object.keys(questions).length * grid.row + 36

const centre = (state: State) => ({
  x: margin.left + places[state].column * gap.column + box.width / 2,
  y: margin.top + places[state].row * gap.row + box.height / 2
})

const colourOf = (event: Event): string =>
  Object.values(actors).find(({ events }) => (events as Event[]).includes(event))?.colour ?? '#444'

interface Arrow {
  from: State
  to: State
  events: Event[]
}

/** One arrow for each pair of states, with all events that lead along it; an event that stays is in no arrow. */
const arrows = (): Arrow[] =>
  states.flatMap((from) =>
    states.flatMap((to) => {
      const events = (Object.keys(transitions[from]) as Event[]).filter((event) => transitions[from][event] === to)
      return from === to || events.length === 0 ? [] : [{ from, to, events }]
    })
  )

/** Where the line from the centre towards `target` leaves the box. */
const border = (from: { x: number; y: number }, target: { x: number; y: number }, room: number) => {
  const [dx, dy] = [target.x - from.x, target.y - from.y]
  const scale = Math.min(
    dx === 0 ? Number.POSITIVE_INFINITY : (box.width / 2 + room) / Math.abs(dx),
    dy === 0 ? Number.POSITIVE_INFINITY : (box.height / 2 + room) / Math.abs(dy)
  )
  return { x: from.x + dx * scale, y: from.y + dy * scale }
}

/** The way of a machine that nothing stops. */
const way: State[] = states.filter((state) => places[state].row === 1)

/** A curve to the right of the straight line, so that there and back do not lie upon each other; and its label. */
const drawArrow = ({ from, to, events }: Arrow): { line: string; label: string } => {
  const [a, b] = [centre(from), centre(to)]
  const length = Math.hypot(b.x - a.x, b.y - a.y)
  const bow = a.y === b.y && length > gap.column * 1.2 && length < gap.column * 3 ? 48 : 22
  const control = {
    x: (a.x + b.x) / 2 - ((b.y - a.y) / length) * bow * 2,
    y: (a.y + b.y) / 2 + ((b.x - a.x) / length) * bow * 2
  }
  const [start, end] = [border(a, control, 2), border(b, control, 8)]
  const label = { x: (start.x + 2 * control.x + end.x) / 4, y: (start.y + 2 * control.y + end.y) / 4 }
  const colour = colourOf(events[0] as Event)
  const text = events
    .map(
      (event, line) =>
        `<tspan x="${round(label.x)}" dy="${line === 0 ? 0 : 13}" fill="${colourOf(event)}">${event}</tspan>`
    )
    .join('')
  const kind = way.indexOf(to) === way.indexOf(from) + 1 && way.includes(from) ? 'way' : 'aside'
  const top = round(label.y + 4 - (events.length - 1) * 6)
  return {
    line: `<path class="${kind}" d="M${point(start)} Q${point(control)} ${point(end)}" stroke="${colour}" marker-end="url(#${colour.slice(1)})"/>`,
    label: `<text class="event" x="${round(label.x)}" y="${top}">${text}</text>`
  }
}

const round = (value: number): string => value.toFixed(0)
const point = ({ x, y }: { x: number; y: number }): string => `${round(x)} ${round(y)}`

const drawState = (state: State): string => {
  const { x, y } = centre(state)
  const kind = state === 'ready' ? 'good' : isFinal({ state }) ? 'end' : 'state'
  const time = timeOf(state)
  return [
    `<rect class="${kind}" x="${x - box.width / 2}" y="${y - box.height / 2}" width="${box.width}" height="${box.height}" rx="8"/>`,
    `<text class="name" x="${x}" y="${y + (time === undefined ? 5 : -1)}">${state}</text>`,
    ...(time === undefined ? [] : [`<text class="time" x="${x}" y="${y + 13}">${time}</text>`])
  ].join('\n')
}

const drawLegend = (): string =>
  Object.entries(actors)
    .map(
      ([actor, { colour }], index) =>
        `<text x="${margin.left + index * 110}" y="${legend}" fill="${colour}">${actor}</text>`
    )
    .join('\n')

const columnAt = (index: number): number => grid.labels + index * grid.column + grid.column / 2

/** What each state means: a column a state, a row a question. */
const drawGrid = (): string => {
  const heads = states.map(
    (state, index) => `<text class="name" x="${columnAt(index)}" y="${grid.top}">${state}</text>`
  )
  const rows = (Object.keys(questions) as Question[]).map((question, index) => {
    const y = grid.top + (index + 1) * grid.row + 4
    const dots = states.flatMap((state, column) =>
      ask(question)({ state }) ? [`<circle cx="${columnAt(column)}" cy="${y - 4}" r="4"/>`] : []
    )
    const rule = `<path class="rule" d="M${margin.left} ${y + 6}H${width - margin.left}"/>`
    return [`<text x="${margin.left}" y="${y}">${questions[question]}</text>`, ...dots, rule].join('\n')
  })
  return [...heads, ...rows].join('\n')
}

/** The way of a machine as SVG, drawn from the enrolment table alone: docs/enrolment.svg is this, and a test says so. */
export const enrolmentPicture = (): string => {
  const drawn = arrows().map(drawArrow)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="States of an enrolment, the events between them, and what each state means">
<style>
text { font: 13px system-ui, sans-serif; } .name { font-weight: 600; text-anchor: middle; fill: #1b1b1b; }
.time { font-size: 11.5px; text-anchor: middle; fill: #444; } .rule { stroke: #d5dbe1; stroke-width: 1; } circle { fill: #3d4f60; }
.event { font-size: 11.5px; text-anchor: middle; paint-order: stroke; stroke: #fff; stroke-width: 4px; }
path { fill: none; stroke-width: 1.4; } .way { stroke-width: 3; } .state { fill: #eef2f6; stroke: #5b6b7b; } .good { fill: #dff3e0; stroke: #2f7d32; } .end { fill: #f3e6e6; stroke: #9b5b5b; }
</style>
<rect width="${width}" height="${height}" fill="#fff"/>
<defs>
${Object.values(actors)
  .map(
    ({ colour }) =>
      `<marker id="${colour.slice(1)}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z" style="fill:${colour};stroke:none"/></marker>`
  )
  .join('\n')}
</defs>
${drawn.map(({ line }) => line).join('\n')}
${states.map(drawState).join('\n')}
${drawn.map(({ label }) => label).join('\n')}
${drawLegend()}
${drawGrid()}
</svg>
`
}
