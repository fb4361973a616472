import { signal } from '@preact/signals'
import { consoleClient } from '../../client.ts'
import type { ConsoleProblem, ConsoleSession, ConsoleVerb, Right } from '../../contract.ts'

export const client = consoleClient()

export const session = signal<ConsoleSession | undefined>(undefined)

let asking: Promise<void> | undefined

/** Reads who the operator is and what they may do, once. After a failure the next call asks again. */
export const readSession = (): Promise<void> => {
  asking ??= client.session().then(
    (about) => {
      session.value = about
    },
    (error: unknown) => {
      asking = undefined
      throw error
    }
  )
  return asking
}

/** The time that the page shows ages by. It moves once a second while somebody can see it. */
export const now = signal(new Date())

setInterval(() => {
  if (!document.hidden) now.value = new Date()
}, 1000)

const notYet: Right = { may: false, missing: 'an answer of the console' }

/** The right to do something, or the name of what is missing. */
export const rightTo = (verb: ConsoleVerb): Right => session.value?.rights[verb] ?? notYet

/** An error in words for a person: the cause, and what to do about it. */
export interface Words {
  title: string
  detail?: string
  remedy?: string
}

const isProblem = (value: unknown): value is ConsoleProblem =>
  typeof value === 'object' && value !== null && 'title' in value && 'code' in value

/** The problem of a refusal. Undefined for an error that is none. */
export const problemOf = (error: unknown): ConsoleProblem | undefined => {
  const { problem } = (error ?? {}) as { problem?: unknown }
  return isProblem(problem) ? problem : undefined
}

export const wordsOf = (error: unknown): Words => {
  const problem = problemOf(error)
  if (problem !== undefined) {
    const { title, detail, remedy } = problem
    return { title, ...(detail === undefined ? {} : { detail }), ...(remedy === undefined ? {} : { remedy }) }
  }
  return {
    title: 'The console does not answer',
    detail: error instanceof Error ? error.message : String(error),
    remedy: 'look at the terminal in which joinery console runs'
  }
}
