import { next } from '@joinery/protocol/browser'
import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import type { ListQuery, SeenEnrolment } from '../../contract.ts'
import { chosenAtMost } from '../model/address.ts'
import { type Selection, selectionOf, sorted } from '../model/selection.ts'
import { type BulkVerb, bulkVerbs, rightOf } from '../model/verbs.ts'
import { asked } from '../parts/act-dialog.tsx'
import { Button } from '../parts/button.tsx'
import { Detail } from '../parts/detail.tsx'
import { type ColumnName, MachineTable } from '../parts/machine-table.tsx'
import { Trouble } from '../parts/note.tsx'
import { useKeys } from '../state/keys.ts'
import { itemsOf, useList } from '../state/list.ts'
import { choose, open, place } from '../state/place.ts'
import { rightTo } from '../state/session.ts'

interface ListPaneProps {
  query: ListQuery
  label: string
  columns: readonly ColumnName[]
  empty: ComponentChildren
  head: ComponentChildren
}

/** A list of machines, and beside it the one that is open. The keyboard moves in the list, selects and decides. */
export const ListPane = ({ query, label, columns, empty, head }: ListPaneProps) => {
  const list = useList(query)
  const items = itemsOf(list)
  const { open: opened, chosen } = place.value
  const selection = useRef<Selection>(new Map())
  selection.current = selectionOf(chosen, items, selection.current)

  // a key reads what holds at its press: a fast hand is ahead of the page
  const move = (by: number): void => {
    const { open: opened } = place.peek()
    const at = items.findIndex(({ id }) => id === opened)
    const to = items[at < 0 ? 0 : Math.min(items.length - 1, Math.max(0, at + by))]
    if (to === undefined) return
    open(to.id, opened !== undefined)
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`tr[data-id="${CSS.escape(to.id)}"] th a`)?.focus())
  }
  const ask = (verb: BulkVerb): void => {
    const { same, changed } = sorted(selectionOf(place.peek().chosen, items, selection.current), items)
    const targets = [...same, ...changed.map(({ seen }) => seen)].filter(({ state }) => next(state, verb) !== undefined)
    if (targets.length > 0) asked.value = { verb, targets, now: changed.map(({ now }) => now) }
  }
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    x: () => {
      const { open: opened, chosen } = place.peek()
      if (opened !== undefined)
        choose(chosen.includes(opened) ? chosen.filter((id) => id !== opened) : [...chosen, opened])
    },
    a: () => {
      if (place.peek().chosen.length > 0) ask('approve')
      else document.querySelector<HTMLButtonElement>('.detail-head .button.primary')?.click()
    },
    Escape: () => {
      const { open: opened, chosen } = place.peek()
      if (opened !== undefined) open(undefined)
      else if (chosen.length > 0) choose([])
    }
  })
  const trouble = list.trouble.value
  return (
    <div class={opened === undefined ? 'panes' : 'panes split'}>
      <div class="pane">
        {head}
        {trouble !== undefined && (
          <Trouble words={trouble}>
            <Button small onClick={() => void list.read()}>
              Try again
            </Button>
          </Trouble>
        )}
        <MachineTable {...{ list, label, columns, empty }} selection={selection.current} />
        <BulkBar selection={selection.current} items={items} onAsk={ask} />
      </div>
      {opened !== undefined && <Detail key={opened} id={opened} />}
    </div>
  )
}

interface BulkBarProps {
  selection: Selection
  items: readonly SeenEnrolment[]
  onAsk: (verb: BulkVerb) => void
}

const words = { approve: 'Approve', retry: 'Retry', reject: 'Reject' } as const

/** What may be done with all selected machines at once. */
const BulkBar = ({ selection, items, onAsk }: BulkBarProps) => {
  const { same, changed } = sorted(selection, items)
  const all = [...same, ...changed.map(({ now }) => now)]
  if (all.length === 0) return null
  return (
    <section class="bulk" aria-label="Selected machines">
      <p>
        <strong>{all.length}</strong> selected
        {all.length === chosenAtMost && <span class="muted">the most at once</span>}
        {changed.length > 0 && <span class="tag asks">{changed.length} changed since</span>}
      </p>
      <div class="actions">
        {bulkVerbs.map((verb) => {
          const fit = all.filter(({ state }) => next(state, verb) !== undefined)
          if (fit.length === 0) return null
          const lacks = fit.map(({ role }) => rightTo(rightOf(verb, role))).find(({ may }) => !may)
          return (
            <Button
              key={verb}
              kind={verb === 'approve' ? 'primary' : 'plain'}
              why={lacks && `needs the right to ${lacks.missing}`}
              onClick={() => onAsk(verb)}
            >
              {words[verb]} {fit.length}
            </Button>
          )
        })}
        <Button kind="quiet" onClick={() => choose([])}>
          Clear
        </Button>
      </div>
    </section>
  )
}
