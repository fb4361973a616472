import { toJson } from '@joinery/host/text/json'
import { section } from '@joinery/host/text/section'
import type { Cell } from '@joinery/host/text/table'
import { type Cause, escapeText, type Why } from '@joinery/protocol'
import type { Terminal } from '../program/terminal.ts'

export const printWhy = (why: Why, output: 'table' | 'json', terminal: Terminal): void => {
  if (output === 'json') {
    terminal.out(toJson(why))
    return
  }
  terminal.out(describeWhy(why, terminal.colour))
  if (why.ready && why.causes.length === 0) return
  terminal.err(
    `Next: ${why.causes.length === 0 ? 'joinery-agent status' : 'joinery-agent why, after the remedies above'}\n`
  )
}

/** The answer for a person: a paragraph, then each cause with its evidence and its commands, the likeliest first. */
export const describeWhy = ({ summary, causes, unseen = [] }: Why, colour: boolean): string =>
  [
    `${escapeText(summary)}\n`,
    ...causes.map((cause, index) => `\n${section(`${index + 1}. ${cause.code}`, causeRows(cause), colour)}`),
    ...(unseen.length > 0
      ? [
          `\n${section(
            'Not looked at',
            unseen.map((sentence) => [sentence]),
            colour
          )}`
        ]
      : [])
  ].join('')

const causeRows = ({ text, evidence, remedy }: Cause): Cell[][] => [
  ['Cause:', text],
  ...labelled('Evidence:', evidence),
  ...labelled('Remedy:', remedy)
]

/** Rows with one label at their head. */
const labelled = (label: string, lines: readonly string[]): Cell[][] =>
  lines.map((line, index) => [index === 0 ? label : '', line])
