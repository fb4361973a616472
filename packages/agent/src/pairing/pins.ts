import { join } from 'node:path'
import type { Files } from '@joinery/host/files'
import { readPin } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { openNextPin } from '@joinery/protocol/statement'
import { afterMeeting, afterWord, type ConfiguredPins, type KnownPins, nextPinOf, type PinWord } from './known-pins.ts'

/** The pins by which an agent knows its pairing server, while the CA of that server changes. */
export interface Pins {
  /** The pins of keys that the server at this URL may have: the present one first, then the next one, if it counts there. */
  trusted(url: string): Promise<readonly string[]>
  /** The next pin that is kept. Undefined if there is none. */
  next(): Promise<string | undefined>
  /** Notes that a server has proven to have the key of this pin. After the next one, the old one is trusted no more. */
  met(pin: string): Promise<void>
  /** Notes the word on the next pin of a server that has proven to have the key of this pin. */
  said(pin: string, word: PinWord): Promise<void>
}

/** A pin that never changes. */
export const onePin = (pin: string): Pins => ({
  trusted: async () => [pin],
  next: async () => undefined,
  met: async () => {},
  said: async () => {}
})

/** Most next pins that one process keeps: each is a write to the disk. */
const most = 16

/**
 * The pins of the configuration, and what the server said since, in a file of its own in the agent's folder. The file belongs to the
 * configured pin: if a person configures another one, it does not count. The configuration is a person's, and is never written.
 * `nextCounts`: true if a server at this URL may have the next key, while this is the present pin.
 */
export const keptPins = (
  files: Pick<Files, 'read' | 'write'>,
  stateDirectory: string,
  configured: ConfiguredPins,
  nextCounts: (url: string, pin: string) => boolean
): Pins => {
  const path = join(stateDirectory, 'pins.json')
  const textOf = (known: KnownPins): string =>
    `${JSON.stringify({ of: configured.pin, ...known, ...given({ next: known.next?.text }) })}\n`
  let known: KnownPins | undefined
  /** The text on the disk. */
  let kept: string | undefined
  let announced = 0
  /** The answers that came before: one after the other changes the pins. */
  let turn: Promise<unknown> = Promise.resolve()

  const load = async (): Promise<KnownPins> => {
    if (known !== undefined) return known
    const text = await files.read(path).catch(() => undefined)
    const read = await readKnown(text, configured.pin)
    known ??= read ?? { pin: configured.pin }
    kept ??= read === undefined ? textOf(known) : text
    return known
  }
  const keep = async (pins: KnownPins): Promise<void> => {
    const text = textOf(pins)
    if (text === kept) return
    await files.write(path, text, 0o600)
    kept = text
  }
  const inTurn = (act: (known: KnownPins) => Promise<void>): Promise<void> => {
    const done = turn.then(load).then(act)
    turn = done.catch(() => {})
    return done
  }

  return {
    trusted: async (url) => {
      const pins = await load()
      const next = nextPinOf(pins, configured)
      return next !== undefined && nextCounts(url, pins.pin) ? [pins.pin, next] : [pins.pin]
    },
    next: async () => nextPinOf(await load(), configured),
    met: (pin) =>
      inTurn(async (before) => {
        const after = afterMeeting(before, pin, configured)
        if (after === before) return
        await keep(after)
        known = after
      }),
    said: (pin, word) =>
      inTurn(async (before) => {
        if (pin !== before.pin) return
        const after = afterWord(before, word, configured)
        if (after.next !== undefined && after.next.text !== before.next?.text) {
          if (announced >= most) return
          announced += 1
          // only what is on the disk is said to be known
          await keep(after)
          known = after
        } else {
          // what is said no more counts no more, though the disk may take no note
          known = after
          await keep(after)
        }
      })
  }
}

/**
 * The pins in the text of the file. Undefined if it belongs to another configuration, or is damaged: writes are whole. A next pin that the
 * CA did not sign is left out, as earlier agents kept it.
 */
const readKnown = async (text: string | undefined, configured: string): Promise<KnownPins | undefined> => {
  try {
    const { of, pin, next, denied } = JSON.parse(text ?? '') as Record<string, unknown>
    const present = readPin(pin)
    if (of !== configured || present === undefined) return undefined
    const signed = await openNextPin(String(next), present).catch(() => undefined)
    return {
      pin: present,
      ...given({ denied: readPin(denied) }),
      ...(signed !== undefined && { next: { pin: signed, text: String(next) } })
    }
  } catch {
    return undefined
  }
}
