import type { ProblemCode } from '@joinery/protocol'
import type { SeenEnrolment } from '../operator-client.ts'
import { isForPeople, type Session } from '../session/session.ts'
import { ProblemAnswer } from '../terminal/errors.ts'
import { tryEach } from '../terminal/try-each.ts'
import { selectRead } from './select.ts'
import { isSelection, type Selection } from './selection-options.ts'

/** The part of a machine that a verb shows. */
export interface Read<T> {
  /** The operator's name for the machine, or its id. */
  reference: string
  seen: T
}

/** A verb that only reads: it asks nothing of a person. */
export interface Reading<T> {
  /** True for a machine that somebody who selects means. */
  isWorthIt(machine: SeenEnrolment): boolean
  read(reference: string): Promise<T>
}

/** Results of a verb that only reads. A failure for one name does not stop the others. */
export interface ReadAll<T> {
  done: Read<T>[]
  failures: unknown[]
}

/** True if documents are printed as a list: by a selection or several names. kubectl also prints one object by one name alone. */
export const isList = (names: readonly string[]): boolean => names.length !== 1

/**
 * Reads what a verb shows of each machine: those of the names, else those of the selection. A machine of a selection that went away
 * between the list and the look is left out.
 */
export const readEach = async <T>(
  names: readonly string[],
  selection: Selection,
  { isWorthIt, read }: Reading<T>,
  session: Session
): Promise<ReadAll<T>> => {
  const readOne = async (reference: string): Promise<Read<T>> => ({ reference, seen: await read(reference) })
  if (!isSelection(selection)) return tryEach(names, readOne)
  const done: Read<T>[] = []
  const unhurried = unhurriedly(session)
  for (const { id } of await selectRead(session.client, selection, isWorthIt)) {
    try {
      done.push(await unhurried(() => readOne(id)))
    } catch (error) {
      if (!isProblem(error, 'not-found')) throw error
    }
  }
  return { done, failures: [] }
}

/** Milliseconds between two tries, and the number of tries for one machine. */
const pause = 1_000
const tries = 60

/** Makes looks as often as the pairing server allows. Says once that this takes a while. */
const unhurriedly = ({ terminal }: Pick<Session, 'terminal'>) => {
  let isTold = false
  return async <R>(look: () => Promise<R>): Promise<R> => {
    for (let left = tries; ; left -= 1) {
      try {
        return await look()
      } catch (error) {
        if (!isProblem(error, 'too-many-requests') || left === 1) throw error
      }
      if (!isTold) terminal.err('The pairing server looks only a few times a second: this takes a while\n')
      isTold = true
      await terminal.pause(pause)
    }
  }
}

const isProblem = (error: unknown, code: ProblemCode): boolean => error instanceof ProblemAnswer && error.code === code

/** Prints each for a person, with an empty line between two, or for a program. */
export const printEach = <T>(all: readonly T[], session: Session, print: (one: T, session: Session) => void): void => {
  for (const [place, one] of all.entries()) {
    if (place > 0 && isForPeople(session.format)) session.terminal.out('\n')
    print(one, session)
  }
}

/** Ends a verb that only reads: throws what failed. A selection of none is no failure, and is said. */
export const endRead = ({ done, failures }: ReadAll<unknown>, { terminal, format }: Session): void => {
  if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures)
  if (done.length === 0 && isForPeople(format)) terminal.err('No enrolment fits these options.\n')
}

/** All of them, for a watch. Throws if one failed: a watch goes on after an outage, and ends by anything else. */
export const allOf = <T>({ done, failures }: ReadAll<T>): Read<T>[] => {
  if (failures.length > 0) throw failures[0]
  return done
}
