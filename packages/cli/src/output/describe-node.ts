import { escapeText, type NameHolder } from '@joinery/protocol'
import { age } from '../terminal/times.ts'

/** `more`: what else there is to say of it. */
export const describeNode = (
  name: string,
  { condition, message, created }: NonNullable<NameHolder['node']>,
  now: Date,
  more = ''
): string => {
  const state = message === '' ? condition : `${condition}, ${message}`
  return escapeText(`Node ${name}: ${state}, age ${age(created, now)}${more && `; ${more}`}`)
}
