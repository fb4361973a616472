import { hasEnded, hasFailed, isFrozen, isReady } from '@joinery/protocol/browser'
import type { SeenEnrolmentDetail } from '../../contract.ts'
import { span } from '../model/durations.ts'
import { authorOf, partsOf, stepsOf } from '../model/timeline.ts'
import { now } from '../state/session.ts'
import { Section } from './section.tsx'
import { Moment, Text } from './text.tsx'

interface TimelineProps {
  of: SeenEnrolmentDetail
  timeline: SeenEnrolmentDetail['timeline']
}

/** Everything that happened to a machine, with the time that each part took. */
export const Timeline = ({ of, timeline }: TimelineProps) => (
  <Section title="Timeline">
    <Parts of={of} />
    {timeline === undefined ? (
      <p class="muted">
        Kubernetes does not show timelines: <code>joinery show</code> on the host of the pairing server does.
      </p>
    ) : (
      <ol class="timeline">
        {stepsOf(timeline).map(({ at, event, detail, alert, count, last, after, ...entry }, place) => (
          <li key={place} class={alert ? 'alert' : ''}>
            <p class="step">
              <span class="event">
                {alert && <strong>Alert: </strong>}
                <Text of={event} />
              </span>
              <span class="muted">
                <Text of={authorOf(entry)} />
              </span>
              {after !== undefined && <span class="after">+{span(after)}</span>}
            </p>
            {detail !== '' && (
              <p class="step-detail">
                <Lines of={detail} />
              </p>
            )}
            <p class="step-time muted">
              <Moment of={at} />
              {count !== undefined && last !== undefined && (
                <>
                  , {count} times until <Moment of={last} />
                </>
              )}
              {entry.decision !== undefined && (
                <>
                  , Decision{' '}
                  <code>
                    <Text of={entry.decision} />
                  </code>
                </>
              )}
            </p>
          </li>
        ))}
      </ol>
    )}
  </Section>
)

const Lines = ({ of }: { of: string }) => (
  <>
    {of.split('\n').map((line, place) => (
      <span key={place} class="line">
        <Text of={line} />
      </span>
    ))}
  </>
)

/** The way to Ready as a bar, each part as long as it took. */
const Parts = ({ of }: { of: SeenEnrolmentDetail }) => {
  const ended = hasEnded(of) || hasFailed(of) || isFrozen(of)
  const parts = partsOf(of, ended || isReady(of) ? new Date(of.since) : now.value, ended)
  const whole = parts.reduce((sum, { length }) => sum + length, 0)
  if (parts.length === 0) return null
  return (
    <div class="parts">
      <div class="parts-bar" aria-hidden="true">
        {parts.map(({ name, length, open }) => (
          <span
            key={name}
            class={`part-${name}${open ? ' open' : ''}`}
            style={{ flexGrow: whole === 0 ? 1 : Math.max(length / whole, 0.02) }}
          />
        ))}
      </div>
      <ul class="parts-words">
        {parts.map(({ name, text, length, open }) => (
          <li key={name} class={`part-${name}`}>
            <span class="swatch" aria-hidden="true" />
            {text} <strong>{span(length)}</strong>
            {open && ' so far'}
          </li>
        ))}
      </ul>
    </div>
  )
}
