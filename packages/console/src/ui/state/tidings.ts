import { signal } from '@preact/signals'
import type { Words } from './session.ts'

/** Something that the page tells. It goes by itself, unless it is an error. */
export interface Tiding extends Words {
  id: number
  tone: 'good' | 'bad'
}

/** More than this many are never shown at once: the oldest goes. */
const atMost = 4
/** Milliseconds for which good news stay. */
const stays = 6000

export const tidings = signal<readonly Tiding[]>([])

/** Words for a screen reader. One sentence at a time, so that a wave of changes does not talk for minutes. */
export const spoken = signal('')

let last = 0

export const dismiss = (id: number): void => {
  tidings.value = tidings.value.filter((tiding) => tiding.id !== id)
}

export const tell = (tone: Tiding['tone'], words: Words): void => {
  last += 1
  const id = last
  tidings.value = [...tidings.value, { id, tone, ...words }].slice(-atMost)
  if (tone === 'good') setTimeout(() => dismiss(id), stays)
}

let pending = ''
let timer: ReturnType<typeof setTimeout> | undefined

/** Says a sentence to a screen reader. Of several within two seconds only the last one is said. */
export const say = (sentence: string): void => {
  pending = sentence
  if (timer !== undefined) return
  timer = setTimeout(() => {
    timer = undefined
    spoken.value = pending
  }, 2000)
}
