import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { listen } from './link.ts'
import { type Words, wordsOf } from './session.ts'

export interface Answer<T> {
  value: Signal<T | undefined>
  trouble: Signal<Words | undefined>
  again(): void
}

/** Shortest time between two questions, in milliseconds. What every page asks for is asked for more rarely. */
export const rest = 2000
export const rarely = 10_000

/**
 * The answer of the console to a question, asked again when enrolments have changed, at most once in `pause` milliseconds. `about` names what
 * the question is about: another one is another question. `each`: it is asked again after so many milliseconds too, while somebody can see
 * the page, for what changes without an enrolment.
 */
export const useAnswer = <T>(about: string, ask: () => Promise<T>, pause = rest, each?: number): Answer<T> => {
  const value = useSignal<T | undefined>(undefined)
  const trouble = useSignal<Words | undefined>(undefined)
  const tries = useSignal(0)
  useEffect(() => {
    let over = false
    let timer: ReturnType<typeof setTimeout> | undefined
    let asked = 0
    const read = async (): Promise<void> => {
      timer = undefined
      asked = Date.now()
      try {
        const answer = await ask()
        if (over) return
        value.value = answer
        trouble.value = undefined
      } catch (error) {
        if (!over) trouble.value = wordsOf(error)
      }
    }
    const soon = (): void => {
      timer ??= setTimeout(() => void read(), Math.max(50, asked + pause - Date.now()))
    }
    void read()
    const leave = listen({ changed: soon, look: soon })
    const turns =
      each === undefined
        ? undefined
        : setInterval(() => {
            if (!document.hidden) soon()
          }, each)
    return () => {
      over = true
      clearTimeout(timer)
      clearInterval(turns)
      leave()
    }
  }, [about, tries.value])
  const again = (): void => {
    tries.value += 1
  }
  return { value, trouble, again }
}
