import { Copy } from '../parts/button.tsx'
import { Empty, Trouble } from '../parts/note.tsx'
import { Remedies } from '../parts/remedies.tsx'
import { Mark } from '../parts/sign.tsx'
import { Age, Moment, Text } from '../parts/text.tsx'
import { useAnswer } from '../state/answer.ts'
import { linkTo } from '../state/place.ts'
import { client } from '../state/session.ts'
import { PageHead } from './page-head.tsx'

/** What must not happen, and did, in the last days. */
export const Alerts = () => {
  const answer = useAnswer('alerts', () => client.alerts())
  const status = useAnswer('status', () => client.status())
  const alerts = answer.value.value
  const trouble = answer.trouble.value
  return (
    <div class="page">
      <PageHead
        title="Alerts"
        hint="What must not happen, and did. Nobody has to confirm an alert: it stays in its timeline."
      />
      <div class="page-body">
        {trouble !== undefined && <Trouble words={trouble} />}
        <Remedies of={status.value.value?.remedies} />
        {alerts !== undefined && alerts.items.length === 0 && alerts.lacking === undefined && (
          <Empty title="No alert in the last seven days" />
        )}
        {alerts?.lacking !== undefined && (
          <p class="hint">
            <Text of={alerts.lacking} />
          </p>
        )}
        {alerts !== undefined && alerts.items.length > 0 && (
          <>
            <ul class="alerts">
              {alerts.items.map(({ at, subject, event, detail, next }) => (
                <li key={`${at} ${subject} ${event}`} class="card">
                  <Mark look={{ tone: 'bad', shape: 'hand' }} />
                  <div>
                    <p class="alert-line">
                      <strong>
                        <Text of={event} />
                      </strong>
                      <Subject of={subject} />
                      <span class="muted">
                        <Age of={at} /> ago
                      </span>
                    </p>
                    <p>
                      <Text of={detail} />
                    </p>
                    <p class="muted alert-next">
                      <Moment of={at} />
                      <span class="with-copy">
                        <code>
                          <Text of={next} />
                        </code>
                        <Copy text={next} label="Copy" />
                      </span>
                    </p>
                  </div>
                </li>
              ))}
            </ul>
            {alerts.count > alerts.items.length && (
              <p class="hint">{alerts.count - alerts.items.length} older ones are in their timelines.</p>
            )}
          </>
        )}
      </div>
    </div>
  )
}

const Subject = ({ of }: { of: string }) => {
  const [kind, name = ''] = of.split('/')
  const text = (
    <code>
      <Text of={of} />
    </code>
  )
  if (kind === 'enrolment') return <a href={linkTo('machines', { text: name })}>{text}</a>
  if (kind === 'code') return <a href={linkTo('machines', { code: name })}>{text}</a>
  if (kind === 'node') return <a href={linkTo('nodes')}>{text}</a>
  return text
}
