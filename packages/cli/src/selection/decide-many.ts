import { CommandEnd } from '@joinery/host/command-end'
import { given } from '@joinery/protocol/given'
import { requireAsk, requireConsent } from '../consent/consent.ts'
import { requireName } from '../consent/require-name.ts'
import { type Column, columnTable } from '../output/columns.ts'
import type { DryRun } from '../session/dry-run.ts'
import type { Session } from '../session/session.ts'
import { exitCodes, isOutage, ProblemAnswer } from '../terminal/errors.ts'

/** A verb for many: the words for it, and for what it is about. */
export interface ManyWords {
  /** The verb and its participle, as `approve` and `approved`. */
  verb: string
  done: string
  /** Words for one and for many of them, as `machine` and `machines`. */
  nouns: readonly [one: string, many: string]
}

/** Agreement that a person gives beforehand. */
export interface ManyConsent {
  yes?: true
  dryRun: DryRun
}

/** Throws before anything is asked if nobody agreed and nobody is there to ask. */
export const requireAgreeableMany = ({ yes, dryRun }: ManyConsent, { done }: ManyWords, session: Session): void => {
  if (!yes && dryRun === 'none') requireAsk(`nothing is ${done}`, session.terminal)
}

/**
 * Shows what would be decided, the count first, and asks once. `warning`: what a person must read before a severe act; then they
 * type the count. False if there is nothing to decide.
 */
export const agreeOnMany = async <T>(
  items: readonly T[],
  columns: readonly Column<T>[],
  words: ManyWords,
  { yes, dryRun, warning }: ManyConsent & { warning?: string | undefined },
  session: Session
): Promise<boolean> => {
  const { terminal } = session
  const { verb, done } = words
  if (items.length === 0) {
    terminal.err(`Nothing that fits can be ${done}.\n`)
    return false
  }
  const those = counted(items.length, words)
  terminal.err(`${those} would be ${done}:\n${tableForErr(items, columns, session)}`)
  if (yes || dryRun !== 'none') return true
  const [one, many] = words.nouns
  const these = items.length === 1 ? `this ${one}` : `these ${items.length} ${many}`
  if (warning !== undefined) {
    await requireName({ warning, name: `${items.length}`, verb, object: these }, terminal)
    return true
  }
  const otherwise = `nothing is ${done}: the answer was not yes`
  await requireConsent(`${verb.slice(0, 1).toUpperCase()}${verb.slice(1)} ${these}?`, otherwise, terminal)
  return true
}

const counted = (count: number, { nouns: [one, many] }: ManyWords): string => `${count} ${count === 1 ? one : many}`

const tableForErr = <T>(items: readonly T[], columns: readonly Column<T>[], session: Session): string => {
  const { errColumns, columns: _, ...terminal } = session.terminal
  const screen = { ...terminal, colour: false, ...given({ columns: errColumns }) }
  return columnTable(columns, { ...session, terminal: screen }, items, true)
}

/** Results of many decisions. */
export interface Outcome<T, R> {
  done: R[]
  failures: { item: T; error: unknown }[]
  /** Number of those that were not tried any more. */
  untried: number
}

/**
 * Decides about each in turn. A refusal does not stop the others. If nobody answers, or if the operator may not do it, the rest is
 * not tried.
 */
export const decideEach = async <T, R>(
  items: readonly T[],
  decide: (item: T) => Promise<R>
): Promise<Outcome<T, R>> => {
  const done: R[] = []
  const failures: Outcome<T, R>['failures'] = []
  for (const item of items) {
    try {
      done.push(await decide(item))
    } catch (error) {
      failures.push({ item, error })
      if (isOutage(error) || isDenied(error)) break
    }
  }
  return { done, failures, untried: items.length - done.length - failures.length }
}

const isDenied = (error: unknown): boolean => error instanceof CommandEnd && error.exitCode === exitCodes.denied

/** The summary of many decisions: `6 approved, 1 refused`. */
export const summaryOf = ({ done, failures, untried }: Outcome<unknown, unknown>, participle: string): string =>
  [
    `${done.length} ${participle}`,
    ...(failures.length > 0 ? [`${failures.length} refused`] : []),
    ...(untried > 0 ? [`${untried} not tried`] : [])
  ].join(', ')

/**
 * Ends with the summary. Throws the failures, each with the name of its item, then those of what followed (`others`), and the
 * summary behind them.
 */
export const endMany = <T>(
  outcome: Outcome<T, unknown>,
  participle: string,
  nameOf: (item: T) => string,
  { terminal }: Pick<Session, 'terminal'>,
  others: readonly unknown[] = []
): void => {
  const summary = summaryOf(outcome, participle)
  const errors = [...failuresOf(outcome, nameOf), ...others]
  const [first] = errors
  if (first === undefined) {
    terminal.err(`${summary}\n`)
    return
  }
  const cause = first instanceof AggregateError ? first.errors[0] : first
  const exitCode = cause instanceof CommandEnd ? cause.exitCode : exitCodes.failure
  throw new AggregateError([...errors, new CommandEnd(exitCode, summary)])
}

/** The errors of those that were refused, each with the name of its item. */
export const failuresOf = <T>({ failures }: Outcome<T, unknown>, nameOf: (item: T) => string): unknown[] =>
  failures.map(({ item, error }) => about(nameOf(item), error))

/** The same error, which says what it is about. */
const about = (name: string, error: unknown): unknown => {
  if (error instanceof AggregateError) return new AggregateError(error.errors.map((one) => about(name, one)))
  if (!(error instanceof CommandEnd)) return error
  const { exitCode, message, remedy } = error
  const text = message.includes(name) ? message : `${name}: ${message}`
  if (!(error instanceof ProblemAnswer)) return new CommandEnd(exitCode, text, remedy)
  const { code, status } = error
  return new ProblemAnswer({ type: `urn:joinery:problem:${code}`, title: text, status, code, ...given({ remedy }) })
}
