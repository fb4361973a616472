import type { Told } from './following.ts'
import { restAfter } from './rest-after.ts'

export interface Polling<T> {
  list(): Promise<readonly T[]>
  pause(milliseconds: number, signal: AbortSignal): Promise<void>
}

/** Tells the whole list again and again: for a server that is older than its events, or a person without the right to watch. */
export async function* poll<T>({ list, pause }: Polling<T>, signal: AbortSignal): AsyncGenerator<Told<T>> {
  while (!signal.aborted) {
    const began = performance.now()
    yield { type: 'whole', items: await list() }
    await pause(restAfter(performance.now() - began), signal)
  }
}
