import { age, escapeText, until } from '@joinery/protocol/browser'
import type { ComponentChildren } from 'preact'
import { clockTime, day } from '../model/durations.ts'
import { now } from '../state/session.ts'

/** Text of somebody else, such as a machine: control characters and other scripts are made visible. */
export const Text = ({ of }: { of: string | undefined }) => <>{escapeText(of ?? '')}</>

/** Sign of the page for what is not there, or not known. */
export const None = () => <span class="muted">–</span>

/** The age of a time. Only this text changes each second, and nothing around it. */
export const Age = ({ of }: { of: string }) => (
  <time dateTime={of} title={clockTime(of)}>
    {age(of, now.value)}
  </time>
)

export const Until = ({ of }: { of: string }) => (
  <time dateTime={of} title={clockTime(of)}>
    {until(of, now.value)}
  </time>
)

export const Moment = ({ of }: { of: string }) => <time dateTime={of}>{clockTime(of)}</time>

/** A day; the time of day is in its title. */
export const Day = ({ of }: { of: string }) => (
  <time dateTime={of} title={clockTime(of)}>
    {day(of)}
  </time>
)

/** Words of a machine, set off from those of the page: they may be a lie. */
export const Claimed = ({ children, by = 'the machine' }: { children: ComponentChildren; by?: string }) => (
  <div class="claimed">
    <p class="claimed-note">Claimed by {by}</p>
    {children}
  </div>
)

/** Rows of a label and a value. */
export const Pairs = ({ rows }: { rows: readonly (readonly [label: string, value: ComponentChildren])[] }) => (
  <dl class="pairs">
    {rows.map(([label, value]) => (
      <div key={label}>
        <dt>{label}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
)
