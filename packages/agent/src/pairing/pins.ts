import { join } from 'node:path'
import type { Files } from '@joinery/host/files'
import { readPin } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'

/** The pins by which an agent knows its pairing server, while the CA of that server changes. */
export interface Pins {
  /** The pins of keys that a server may have: the present one first, then the next one, if there is one. */
  trusted(): Promise<readonly string[]>
  /** Notes that the server has proven to have the key of this pin. After the next one, the old one is trusted no more. */
  met(pin: string): Promise<void>
  /** Notes the pin that comes next, as the server says that has proven to be the one. */
  announced(pin: string): Promise<void>
}

/** A pin that never changes. */
export const onePin = (pin: string): Pins => ({
  trusted: async () => [pin],
  met: async () => {},
  announced: async () => {}
})

interface Known {
  pin: string
  next?: string
}

/** Most pins that one process is told to keep: each is a write to the disk. */
const most = 16

/**
 * The pins of the configuration, and what the server said since, in a file of its own in the agent's folder. The file belongs to the
 * configured pin: if a person configures another one, it does not count. The configuration is a person's, and is never written.
 */
export const keptPins = (
  files: Pick<Files, 'read' | 'write'>,
  stateDirectory: string,
  configured: { pin: string; nextPin?: string | undefined }
): Pins => {
  const path = join(stateDirectory, 'pins.json')
  let known: Known | undefined
  let kept = 0
  const load = async (): Promise<Known> => {
    known ??= readKnown(await files.read(path).catch(() => undefined), configured.pin) ?? {
      pin: configured.pin,
      ...given({ next: configured.nextPin })
    }
    return known
  }
  const keep = async (pins: Known): Promise<void> => {
    await files.write(path, `${JSON.stringify({ of: configured.pin, ...pins })}\n`, 0o600)
    known = pins
  }
  return {
    trusted: async () => {
      const { pin, next } = await load()
      return next === undefined || next === pin ? [pin] : [pin, next]
    },
    met: async (pin) => {
      if (pin === (await load()).next) await keep({ pin })
    },
    announced: async (next) => {
      const { pin, next: before } = await load()
      if (next === before || next === pin || kept >= most) return
      kept += 1
      await keep({ pin, next })
    }
  }
}

/** The pins in the text of the file. Undefined if it belongs to another configuration, or is damaged: writes are whole. */
const readKnown = (text: string | undefined, configured: string): Known | undefined => {
  try {
    const { of, pin, next } = JSON.parse(text ?? '') as Record<string, unknown>
    const present = readPin(pin)
    return of === configured && present !== undefined ? { pin: present, ...given({ next: readPin(next) }) } : undefined
  } catch {
    return undefined
  }
}
