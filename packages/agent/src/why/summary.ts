import type { Why } from '@joinery/protocol'
import type { NodeReadiness } from '../machine/port/looking.ts'

/** The paragraph of a `Why`: whether the Node is Ready, the likeliest cause, and how much more was found. */
export const summaryOf = (
  { name, causes, unseen = [] }: Omit<Why, 'summary'>,
  { ready, unknown, message }: NodeReadiness
): string => {
  const [first, ...others] = causes
  if (ready) return `The Node ${name} is Ready${first === undefined ? '' : `, but ${first.text}`}.`.slice(0, 1024)
  const sentences = [
    unknown ? `It is not known whether the Node ${name} is Ready.` : `The Node ${name} is not Ready.`,
    first === undefined
      ? `This machine shows no cause: ${message || 'nothing is known of the Node'}.`
      : `The likeliest cause: ${first.text}.`,
    ...(others.length === 0
      ? []
      : [
          `${others.length === 1 ? 'One thing more was' : `${others.length} things more were`} found, which it may explain.`
        ]),
    ...(unseen.length === 0 ? [] : ['Not everything could be looked at.'])
  ]
  return sentences.join(' ').slice(0, 1024)
}
