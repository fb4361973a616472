import { escapeText } from '@joinery/protocol/browser'
import { useState } from 'preact/hooks'
import { authorOf } from '../model/timeline.ts'
import { Chips, Scroll } from '../parts/groups.tsx'
import { Name } from '../parts/name.tsx'
import { Empty, Trouble } from '../parts/note.tsx'
import { Moment, Text } from '../parts/text.tsx'
import { useAnswer } from '../state/answer.ts'
import { linkTo } from '../state/place.ts'
import { client } from '../state/session.ts'
import { PageHead } from './page-head.tsx'

/** Who did what, over all machines, the newest first. */
export const Audit = () => {
  const answer = useAnswer('audit', () => client.audit())
  const [people, setPeople] = useState(true)
  const page = answer.value.value
  const trouble = answer.trouble.value
  const shown = (page?.items ?? []).filter(({ actor, alert }) => !people || actor === 'operator' || alert)
  return (
    <div class="page">
      <PageHead
        title="Audit"
        hint={
          page === undefined
            ? 'Who did what.'
            : `From the timelines of ${page.read} of ${page.of} machines, those that changed last.`
        }
      />
      <Chips class="bar" label="Whose acts">
        <button type="button" class="chip" aria-pressed={people} onClick={() => setPeople(true)}>
          People and alerts
        </button>
        <button type="button" class="chip" aria-pressed={!people} onClick={() => setPeople(false)}>
          Everything
        </button>
      </Chips>
      {trouble !== undefined && <Trouble words={trouble} />}
      {page?.lacking !== undefined && (
        <p class="hint padded">
          <Text of={page.lacking} />
        </p>
      )}
      {page !== undefined && shown.length === 0 && page.lacking === undefined && (
        <Empty title="Nobody has done anything yet" />
      )}
      {shown.length > 0 && (
        <Scroll class="table-view" label="Audit">
          <table class="rows">
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Who</th>
                <th scope="col">What</th>
                <th scope="col">Machine</th>
                <th scope="col">Detail</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((entry, place) => (
                <tr key={`${entry.at} ${entry.enrolment} ${place}`} class={entry.alert ? 'alarming' : ''}>
                  <td class="nowrap">
                    <Moment of={entry.at} />
                  </td>
                  <td class="wrap">
                    <Text of={authorOf(entry)} />
                  </td>
                  <td class="nowrap">
                    {entry.alert && <span class="tag bad">alert</span>} <Text of={entry.event} />
                  </td>
                  <td class="column-name">
                    <a href={linkTo('machines', { open: entry.enrolment })} aria-label={escapeText(entry.name)}>
                      <Name of={entry.name} />
                    </a>
                  </td>
                  <td class="wrap">
                    <Text of={entry.detail.split('\n')[0]} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </div>
  )
}
