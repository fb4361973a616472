import { shortId } from '@joinery/protocol/browser'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ListQuery } from '../../contract.ts'
import { Button } from '../parts/button.tsx'
import { Chips } from '../parts/groups.tsx'
import { Icon } from '../parts/icon.tsx'
import { KeyName } from '../parts/key-name.tsx'
import { Empty } from '../parts/note.tsx'
import { Text } from '../parts/text.tsx'
import { counts } from '../state/link.ts'
import { filter, goTo, place } from '../state/place.ts'
import { focusSearch, wantsSearch } from '../state/search.ts'
import { ListPane } from './list-pane.tsx'
import { PageHead } from './page-head.tsx'

/** Groups of states, in the order of a machine's way. */
const groups: readonly [name: string, states: readonly string[]][] = [
  ['Waiting', ['pending', 'recovering', 'frozen']],
  ['Arriving', ['approved', 'joining', 'joined']],
  ['Ready', ['ready']],
  ['Failed', ['failed']],
  ['Ended', ['expired', 'rejected', 'removed']]
]

/** All machines, the newest first, by state, role, code and text. */
export const Machines = () => {
  const { state, role, code, text } = place.value
  const query: ListQuery = {
    ...(state === undefined ? {} : { state }),
    ...(role === 'worker' || role === 'control-plane' ? { role } : {}),
    ...(code === undefined ? {} : { code }),
    ...(text === undefined ? {} : { text })
  }
  const isFiltered = Object.keys(query).length > 0
  return (
    <ListPane
      query={query}
      label="Machines"
      columns={['state', 'progress', 'hardware', 'address', 'checks', 'age']}
      head={
        <>
          <PageHead title="Machines">
            <Button icon="plus" kind="primary" onClick={() => goTo('codes', { open: 'new' })}>
              Invite machines
            </Button>
          </PageHead>
          <Filters />
        </>
      }
      empty={
        isFiltered ? (
          <Empty title="No machine fits">
            <Button onClick={() => goTo('machines')}>Remove the filters</Button>
          </Empty>
        ) : (
          <Empty title="No machine has enrolled yet">
            <p>Make a code, and give it to a machine.</p>
          </Empty>
        )
      }
    />
  )
}

const Filters = () => {
  const { state, role, code } = place.value
  const all = counts.value
  const count = (states: readonly string[]): number =>
    Object.entries(all ?? {}).reduce((sum, [name, number]) => sum + (states.includes(name) ? number : 0), 0)
  const chips: [string, string | undefined, number][] = [
    ['All', undefined, count(Object.keys(all ?? {}))],
    ...groups.map(([name, states]): [string, string, number] => [name, states.join(','), count(states)])
  ]
  const known = chips.some(([, value]) => value === state)
  return (
    <search class="filters">
      <Search />
      <Chips label="State">
        {chips.map(([name, value, number]) => (
          <button
            key={name}
            type="button"
            class="chip"
            aria-pressed={state === value}
            onClick={() => filter('state', value)}
          >
            {name} <span class="count">{all === undefined ? '' : number}</span>
          </button>
        ))}
        {!known && (
          <button type="button" class="chip" aria-pressed={true} onClick={() => filter('state', undefined)}>
            <Text of={state} /> <Icon name="close" size={12} />
            <span class="hidden">Remove this filter</span>
          </button>
        )}
      </Chips>
      <label class="select">
        <span class="hidden">Role</span>
        <select value={role ?? ''} onChange={({ currentTarget }) => filter('role', currentTarget.value || undefined)}>
          <option value="">Any role</option>
          <option value="worker">Workers</option>
          <option value="control-plane">Control planes</option>
        </select>
      </label>
      {code !== undefined && (
        <button type="button" class="chip" aria-pressed={true} onClick={() => filter('code', undefined)}>
          Code{' '}
          <code>
            <Text of={shortId(code)} />
          </code>{' '}
          <Icon name="close" size={12} />
          <span class="hidden">Remove this filter</span>
        </button>
      )}
    </search>
  )
}

/** Milliseconds without a key after which the list is asked for. */
const quiet = 200

const Search = () => {
  const { text = '' } = place.value
  const [typed, setTyped] = useState(text)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  /** Text of the address as this field has written it last: what was typed since stays. */
  const written = useRef(text)
  useEffect(() => {
    if (text !== written.current) setTyped(text)
    written.current = text
  }, [text])
  useEffect(() => {
    if (wantsSearch.peek()) focusSearch()
    wantsSearch.value = false
    return () => clearTimeout(timer.current)
  }, [])
  return (
    <label class="search">
      <Icon name="search" />
      <span class="hidden">Search machines</span>
      <input
        id="search"
        type="search"
        value={typed}
        placeholder="Name, address, serial, label…"
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget: { value } }) => {
          setTyped(value)
          clearTimeout(timer.current)
          timer.current = setTimeout(() => {
            written.current = value.trim()
            filter('text', written.current || undefined, true)
          }, quiet)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur()
        }}
      />
      <KeyName of="/" />
    </label>
  )
}
