import { escapeText, type NameHolder } from '@joinery/protocol'
import { age } from '../terminal/times.ts'

/** One line about a Node. `more`: text that goes with it. */
export const describeNode = (
  name: string,
  { condition, message, created }: NonNullable<NameHolder['node']>,
  now: Date,
  more = ''
): string => {
  const state = message === '' ? condition : `${condition}, ${message}`
  return escapeText(`Node ${name}: ${state}, age ${age(created, now)}${more && `; ${more}`}`)
}
