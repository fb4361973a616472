import type { InjectionToken } from 'tsyringe'
import type { View } from './view.ts'

/** Takes what the agent knows and does, as it changes. A part that is not given stays as before. Never throws, never waits. */
export type Show = (part: Partial<View>) => void
export const Show = Symbol('Show') as InjectionToken<Show>
