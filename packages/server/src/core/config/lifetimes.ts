import { type Lifetimes, lifetimes } from '@joinery/protocol'
import type { ServerConfig } from './config.ts'
import { milliseconds } from './duration.ts'

/** Times that an enrolment may stay in each state, as the server is configured. */
export const lifetimesOf = ({ lifetimes: set = {} }: Pick<ServerConfig, 'lifetimes'>): Lifetimes => ({
  ...lifetimes,
  ...Object.fromEntries(Object.entries(set).map(([state, duration]) => [state, milliseconds(duration)]))
})
