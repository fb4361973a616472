import { type Lifetimes, lifetimes } from '@joinery/protocol'
import type { ServerConfig } from './config.ts'
import { milliseconds } from './duration.ts'

/** How long an enrolment may stay in a state, as the server is set to. */
export const lifetimesOf = ({ lifetimes: set = {} }: Pick<ServerConfig, 'lifetimes'>): Lifetimes => ({
  ...lifetimes,
  ...Object.fromEntries(Object.entries(set).map(([state, duration]) => [state, milliseconds(duration)]))
})
