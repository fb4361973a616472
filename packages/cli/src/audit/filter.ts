import { CommandEnd } from '@joinery/host/command-end'
import { pageAt } from '@joinery/host/text/page-at'
import { day, leafEvents, type PlacedLeaf } from '@joinery/protocol'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { OfferingOption } from '../session/output-option.ts'
import { exitCodes } from '../terminal/errors.ts'
import { parseDuration } from '../terminal/times.ts'

/** Options that choose among leaves. */
export interface LeafFilter {
  subject?: string
  event?: string
  actor?: string
  by?: string
  since?: string
}

export const addLeafFilter = (command: Command): Command =>
  command
    .option('--subject <text>', 'only leaves about this name, or this id of an enrolment or a code, or its beginning')
    .addOption(
      new OfferingOption('--event <event>', 'only leaves of this event, such as approve', leafEvents).argParser(known)
    )
    .addOption(
      new Option('--actor <actor>', 'only leaves by this actor').choices([
        'operator',
        'policy',
        'agent',
        'server',
        'cluster'
      ])
    )
    .option('--by <name>', 'only decisions of this operator, such as alice')
    .option('--since <time>', 'only leaves from this time on, such as 24h, 7d or 2026-11-01')

/** An event that leaves have. Throws for another text: a typing error must not look like an empty log. */
const known = (typed: string): string => {
  if (leafEvents.includes(typed)) return typed
  throw new InvalidArgumentError(`${pageAt('reference/audit-log.md')} has all events.`)
}

/** The condition of the options. Throws if the time is none. */
export const leafCondition = (filter: LeafFilter, now: Date): ((one: PlacedLeaf) => boolean) => {
  const { subject, event, actor, by } = filter
  const since = filter.since === undefined ? undefined : timeOf(filter.since, now)
  return ({ leaf }) => {
    // a leaf that this command cannot read fits no condition
    if (leaf === undefined) return Object.keys(filter).length === 0
    if (subject !== undefined && !isAbout(leaf, subject)) return false
    if (event !== undefined && leaf.event !== event) return false
    if (actor !== undefined && leaf.actor !== actor) return false
    if (by !== undefined && leaf.by !== by && !leaf.by?.startsWith(`${by} `)) return false
    return since === undefined || Date.parse(leaf.time) >= since
  }
}

const isAbout = ({ subject, fields }: NonNullable<PlacedLeaf['leaf']>, asked: string): boolean =>
  fields.name === asked || fields.code === asked || subject === `node/${asked}` || subject.startsWith(asked)

const timeOf = (text: string, now: Date): number => {
  const [, days] = /^(\d{1,4})d$/.exec(text) ?? []
  const seconds = parseDuration(text)
  const before = days !== undefined ? Number(days) * day : seconds === undefined ? undefined : seconds * 1000
  const time = before === undefined ? Date.parse(text) : now.getTime() - before
  if (!Number.isNaN(time)) return time
  throw new CommandEnd(
    exitCodes.usage,
    `--since ${text} is no time`,
    'give a duration like 24h or 7d, or a date like 2026-11-01'
  )
}
