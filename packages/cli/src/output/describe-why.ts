import { alertCell } from '@joinery/host/text/styles'
import { type Cell, table } from '@joinery/host/text/table'
import type { SeenCause, SeenWhy } from '../operator-client.ts'
import type { Screen, Terminal } from '../terminal/terminal.ts'
import { age, moment } from '../terminal/times.ts'
import { bar, fold } from './fold.ts'

/** The reason with its commands going the way of this command: the server does not know that way. */
export const toldWhy = ({ causes, ...why }: SeenWhy, { told }: Pick<Terminal, 'told'>): SeenWhy => ({
  ...why,
  causes: causes.map((cause) => ({ ...cause, remedy: cause.remedy.map(told) }))
})

/** Tells why a Node is not Ready: a paragraph, then each cause with its evidence and its commands. */
export const describeWhy = ({ summary, causes, machine, unseen = [] }: SeenWhy, now: Date, screen: Screen): string => {
  const parts = [
    lines([summary], screen),
    ...causes.map((cause, index) => describeCause(cause, index + 1, now, screen)),
    ...(machine === undefined ? [] : [lines([`The machine said its part at ${moment(machine)}.`], screen)]),
    ...(unseen.length === 0 ? [] : [`Not known:\n${lines(unseen, screen, '  - ')}`])
  ]
  return parts.join('\n')
}

const describeCause = (cause: SeenCause, number: number, now: Date, screen: Screen): string => {
  const { code, from, text, since, evidence, remedy } = cause
  const seen = from === undefined ? '' : `, seen from the ${from}`
  const long = since === undefined ? '' : `, for ${age(since, now)}`
  return [
    lines([number === 1 ? alertCell(`${number}. ${code}${seen}${long}`) : `${number}. ${code}${seen}${long}`], screen),
    lines([text], screen, '   '),
    // the words of a machine or a registry: none of them can be taken for one of ours
    lines(evidence, screen, `   ${bar}`),
    lines(remedy, screen, '   ')
  ].join('')
}

const lines = (texts: readonly Cell[], screen: Screen, begin = ''): string =>
  texts.map((text) => fold(table([[text]], screen.colour), screen, begin)).join('')
