import type { ComponentChildren } from 'preact'
import type { Look } from '../model/looks.ts'
import type { Words } from '../state/session.ts'
import { Mark } from './sign.tsx'
import { Text } from './text.tsx'

type NoteTone = 'bad' | 'asks' | 'busy' | 'calm' | 'good'

const looks: Record<NoteTone, Look> = {
  bad: { tone: 'bad', shape: 'cross' },
  asks: { tone: 'asks', shape: 'hand' },
  busy: { tone: 'busy', shape: 'dot' },
  calm: { tone: 'calm', shape: 'ring' },
  good: { tone: 'good', shape: 'check' }
}

/** A sentence that must not be overlooked. */
export const Note = ({
  tone,
  title,
  children,
  role
}: {
  tone: NoteTone
  title?: ComponentChildren
  children?: ComponentChildren
  role?: 'alert' | 'status'
}) => (
  <div class={`note tone-${tone}`} role={role}>
    <Mark look={looks[tone]} />
    <div>
      {title && <strong>{title}</strong>}
      {children}
    </div>
  </div>
)

/** An error: what happened, why, and what to do about it. */
export const Trouble = ({ words, children }: { words: Words; children?: ComponentChildren }) => (
  <Note tone="bad" title={<Text of={words.title} />} role="alert">
    {words.detail && (
      <p>
        <Text of={words.detail} />
      </p>
    )}
    {words.remedy && (
      <p class="remedy">
        <span>What to do: </span>
        <code>
          <Text of={words.remedy} />
        </code>
      </p>
    )}
    {children}
  </Note>
)

/** What a page shows if there is nothing to show. */
export const Empty = ({ title, children }: { title: string; children?: ComponentChildren }) => (
  <div class="empty">
    <p class="empty-title">{title}</p>
    {children}
  </div>
)
