import { columns, roundTop, ticks } from '../model/bars.ts'
import { Text } from './text.tsx'

/** Names of series. Each has a colour and a pattern of its own in the style sheet. */
export type Series = 'arrived' | 'ready' | 'failed' | 'median' | 'p95'

export const Legend = ({ series }: { series: readonly (readonly [Series, string])[] }) => (
  <ul class="legend">
    {series.map(([name, words]) => (
      <li key={name}>
        <span class={`swatch series-${name}`} aria-hidden="true" />
        {words}
      </li>
    ))}
  </ul>
)

interface BarChartProps {
  label: string
  series: readonly Series[]
  groups: readonly { name: string; values: readonly number[] }[]
}

const size = { width: 720, height: 160 }
const left = 36

/** Groups of bars along the days. A screen reader gets the same numbers as a table. */
export const BarChart = ({ label, series, groups }: BarChartProps) => {
  const top = roundTop(Math.max(0, ...groups.flatMap(({ values }) => values)))
  const bars = columns(
    groups.map(({ values }) => values),
    { ...size, top }
  )
  const room = size.width / Math.max(1, groups.length)
  const every = Math.ceil(groups.length / 8)
  return (
    <>
      <svg class="chart" viewBox={`0 0 ${size.width + left} ${size.height + 32}`} aria-hidden="true">
        {ticks(top).map((tick) => {
          const y = 8 + size.height - (tick / top) * size.height
          return (
            <g key={tick}>
              <line class="grid" x1={left} x2={left + size.width} y1={y} y2={y} />
              <text class="axis" x={left - 8} y={y + 4} text-anchor="end">
                {tick}
              </text>
            </g>
          )
        })}
        {bars.map((group, place) => (
          <g key={groups[place]?.name}>
            {group.map(({ x, y, width, height }, which) => (
              <rect
                key={series[which]}
                class={`series-${series[which]}`}
                x={left + x}
                y={8 + y}
                width={width}
                height={height}
                rx={Math.min(2, width / 2)}
              >
                <title>{`${groups[place]?.name}: ${groups[place]?.values[which]} ${series[which]}`}</title>
              </rect>
            ))}
            {place % every === 0 && (
              <text class="axis" x={left + place * room + room / 2} y={size.height + 26} text-anchor="middle">
                {groups[place]?.name.slice(5)}
              </text>
            )}
          </g>
        ))}
      </svg>
      <table class="hidden">
        <caption>{label}</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            {series.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map(({ name, values }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {values.map((value, which) => (
                <td key={series[which]}>{value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

interface RowChartProps {
  label: string
  series: readonly Series[]
  names: readonly string[]
  /** `log` shows seconds and hours in one picture. */
  scale?: 'linear' | 'log'
  rows: readonly { name: string; more?: string; values: readonly number[]; texts: readonly string[] }[]
}

/** Rows of bars, as a table that everybody can read: the bars are drawn beside its numbers. */
export const RowChart = ({ label, series, names, rows, scale = 'linear' }: RowChartProps) => {
  const scaled = (value: number): number => (scale === 'log' ? Math.log10(1 + value) : value)
  const top = Math.max(1e-9, ...rows.flatMap(({ values }) => values.map(scaled)))
  return (
    <table class="row-chart">
      <caption class="hidden">{label}</caption>
      <thead class="hidden">
        <tr>
          <th scope="col">What</th>
          {names.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, more, values, texts }) => (
          <tr key={name}>
            <th scope="row">
              <Text of={name} />
              {more && <span class="muted">{more}</span>}
            </th>
            {values.map((value, which) => (
              <td key={series[which]}>
                <svg width="100%" height="10" preserveAspectRatio="none" viewBox="0 0 100 10" aria-hidden="true">
                  <rect
                    class={`series-${series[which]}`}
                    width={Math.max(0.5, (scaled(value) / top) * 100)}
                    height="10"
                  />
                </svg>
                <span>{texts[which]}</span>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
