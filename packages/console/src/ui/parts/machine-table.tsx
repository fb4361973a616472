import { escapeText, isLive } from '@joinery/protocol/browser'
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { SeenEnrolment } from '../../contract.ts'
import { isOutdated } from '../model/changed.ts'
import { hardwareWords } from '../model/facts.ts'
import { joinProgress } from '../model/join-progress.ts'
import { shortKey } from '../model/key-groups.ts'
import { verdictLook } from '../model/looks.ts'
import { type Selection, toggled } from '../model/selection.ts'
import { windowed } from '../model/windowed.ts'
import type { LiveList } from '../state/list.ts'
import { choose, linkTo, open, place } from '../state/place.ts'
import { Name } from './name.tsx'
import { StageBar } from './progress.tsx'
import { ConditionSign, Sign, StateSign } from './sign.tsx'
import { Age, None, Text } from './text.tsx'

/** Height of a row in pixels, as the style sheet has it. */
const rowHeight = 40

/** Rows before the end at which the next page is read. */
const ahead = 40

export type ColumnName = 'state' | 'progress' | 'key' | 'hardware' | 'address' | 'checks' | 'age'

const headers: Record<ColumnName, string> = {
  state: 'State',
  progress: 'Node',
  key: 'Key',
  hardware: 'Hardware, as claimed',
  address: 'Seen at',
  checks: 'Checks',
  age: 'Age'
}

export const ChecksSign = ({ preflight, withoutAgent }: Pick<SeenEnrolment, 'preflight' | 'withoutAgent'>) => {
  if (withoutAgent) return <span class="muted">no agent</span>
  const count = (verdict: string) => preflight.filter((check) => check.verdict === verdict).length
  const [fails, warns] = [count('fail'), count('warn')]
  if (fails > 0) return <Sign look={verdictLook('fail')}>{fails} fail</Sign>
  if (warns > 0) return <Sign look={verdictLook('warn')}>{warns} warn</Sign>
  return <Sign look={verdictLook('pass')}>pass</Sign>
}

export const RoleTag = ({ role }: Pick<SeenEnrolment, 'role'>) =>
  role === 'control-plane' ? <span class="tag strong">control plane</span> : null

const NodeCell = ({ row }: { row: SeenEnrolment }) => {
  const progress = joinProgress(row)
  if (progress !== undefined && row.node === undefined) return <StageBar progress={progress} words={false} />
  if (row.node === undefined) return <None />
  return (
    <span class="node-cell">
      <ConditionSign condition={row.node.condition} />
      {row.cause !== undefined && isLive(row) && (
        <span class="cut muted">
          <Text of={row.cause.code} />
        </span>
      )}
    </span>
  )
}

const cells: Record<ColumnName, (row: SeenEnrolment) => ComponentChildren> = {
  state: ({ state }) => <StateSign state={state} />,
  progress: (row) => <NodeCell row={row} />,
  key: ({ key }) => (key === '' ? <None /> : <code class="muted">{shortKey(key)}</code>),
  hardware: ({ facts }) => {
    const words = hardwareWords(facts)
    return words === '' ? (
      <None />
    ) : (
      <span class="muted">
        <Text of={words} />
      </span>
    )
  },
  address: ({ address }) =>
    address === '' ? (
      <None />
    ) : (
      <code>
        <Text of={address} />
      </code>
    ),
  checks: (row) => <ChecksSign {...row} />,
  age: ({ created }) => <Age of={created} />
}

interface RowProps {
  row: SeenEnrolment
  index: number
  columns: readonly ColumnName[]
  isOpen: boolean
  isChosen: boolean
  isChanged: boolean
  onChoose: (id: string, range: boolean) => void
}

const Row = ({ row, index, columns, isOpen, isChosen, isChanged, onChoose }: RowProps) =>
  // the same element again: nothing of the row is compared, and nothing is drawn
  useMemo(() => {
    const { id, name, role } = row
    return (
      <tr
        aria-rowindex={index + 2}
        class={[isOpen && 'open', isChosen && 'chosen', isChanged && 'changed'].filter(Boolean).join(' ')}
        data-id={id}
        onClick={({ target }) => {
          if (target instanceof Element && target.closest('a, input, label') === null) open(id)
        }}
      >
        <td class="column-choose">
          <label class="choose">
            <input
              type="checkbox"
              checked={isChosen}
              onClick={(event) => onChoose(id, event.shiftKey)}
              aria-label={`Select ${escapeText(name)}`}
            />
          </label>
        </td>
        <th scope="row" class="column-name">
          <span class="named">
            <a
              href={linkTo(place.peek().page, { ...place.peek(), open: id })}
              aria-current={isOpen ? 'true' : undefined}
              aria-label={escapeText(name)}
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return
                event.preventDefault()
                open(id)
              }}
            >
              <Name of={name} />
            </a>
            <RoleTag role={role} />
            {isChanged && <span class="tag asks">changed</span>}
          </span>
        </th>
        {columns.map((column) => (
          <td key={column} class={`column-${column}`}>
            {cells[column](row)}
          </td>
        ))}
      </tr>
    )
  }, [row, index, columns, isOpen, isChosen, isChanged, onChoose])

interface TableProps {
  list: LiveList
  label: string
  columns: readonly ColumnName[]
  selection: Selection
  empty: ComponentChildren
}

/** A long list of machines. Only the rows that can be seen are drawn. */
export const MachineTable = ({ list, label, columns, selection, empty }: TableProps) => {
  const view = useRef<HTMLElement>(null)
  const [top, setTop] = useState(0)
  const [height, setHeight] = useState(800)
  const last = useRef<string>(undefined)
  const rows = list.rows.value
  const items = rows?.items ?? []
  const { open: opened, chosen } = place.value

  useLayoutEffect(() => {
    const element = view.current
    if (element === null) return
    const measure = new ResizeObserver(() => setHeight(element.clientHeight))
    measure.observe(element)
    return () => measure.disconnect()
  }, [])

  const part = windowed(items.length, rowHeight, top, height)
  const wantsMore = rows?.continue !== undefined && part.end > items.length - ahead
  useEffect(() => {
    if (wantsMore) void list.more()
  }, [list, wantsMore, items.length])

  // the open row is brought into sight when the keyboard moves to it
  const openIndex = items.findIndex(({ id }) => id === opened)
  useLayoutEffect(() => {
    const element = view.current
    if (element === null || openIndex < 0) return
    const [begin, end] = [openIndex * rowHeight, (openIndex + 2) * rowHeight]
    if (begin < element.scrollTop) element.scrollTop = begin
    else if (end > element.scrollTop + element.clientHeight) element.scrollTop = end - element.clientHeight
  }, [opened])

  const itemsNow = useRef(items)
  itemsNow.current = items
  const onChoose = useMemo(
    () => (id: string, range: boolean) => {
      choose(toggled(place.peek().chosen, id, itemsNow.current, range ? last.current : undefined))
      last.current = id
    },
    []
  )

  if (rows === undefined) return <section class="table-view" ref={view} aria-busy="true" aria-label={label} />
  const allChosen = items.length > 0 && items.every(({ id }) => chosen.includes(id))
  return (
    <section
      class="table-view"
      ref={view}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls with the keyboard
      tabIndex={0}
      aria-label={label}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
    >
      {items.length === 0 ? (
        empty
      ) : (
        <table class="rows machines" aria-rowcount={rows.total + 1}>
          <thead>
            <tr aria-rowindex={1}>
              <th scope="col" class="column-choose">
                <label class="choose">
                  <input
                    type="checkbox"
                    checked={allChosen}
                    aria-label="Select all that are shown"
                    onClick={() => choose(allChosen ? [] : items.map(({ id }) => id))}
                  />
                </label>
              </th>
              <th scope="col" class="column-name">
                Name
              </th>
              {columns.map((column) => (
                <th key={column} scope="col" class={`column-${column}`}>
                  {headers[column]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {part.above > 0 && <Gap height={part.above} />}
            {items.slice(part.first, part.end).map((row, place) => (
              <Row
                key={row.id}
                row={row}
                index={part.first + place}
                columns={columns}
                isOpen={row.id === opened}
                isChosen={chosen.includes(row.id)}
                isChanged={isChangedIn(selection, row)}
                onChoose={onChoose}
              />
            ))}
            {part.below > 0 && <Gap height={part.below} />}
          </tbody>
        </table>
      )}
    </section>
  )
}

const isChangedIn = (selection: Selection, row: SeenEnrolment): boolean => {
  const seen = selection.get(row.id)
  return seen !== undefined && isOutdated(seen, row)
}

/** Room for rows that are not drawn. It is in the first column alone: columns that are hidden must not come back. */
const Gap = ({ height }: { height: number }) => (
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row is nothing that takes the focus
  <tr aria-hidden="true" class="gap">
    <td style={{ height: `${height}px` }} />
  </tr>
)
