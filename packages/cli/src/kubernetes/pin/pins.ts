import type { Files } from '@joinery/host/files'
import { InstallationView } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import type { KeptPin } from './judge-pin.ts'

/** Most clusters that are kept, and most bytes of a file that is read. */
export const [mostPins, mostBytes] = [256, 256 * 1024]

const Kept = Type.Object({
  version: Type.Literal(1),
  pins: Type.Record(
    Type.String(),
    Type.Object({
      pin: InstallationView.properties.pin,
      /** The pin that the server of `pin` announced. */
      next: Type.Optional(InstallationView.properties.pin),
      since: Type.String({ maxLength: 40 })
    })
  )
})
type Kept = Static<typeof Kept>

/** The pins that an operator's commands have seen, in a file of the operator's own. */
export interface Pins {
  /** The pin of this cluster. Undefined if none is kept. Throws if the file cannot be read, or is broken. */
  read(cluster: string): Promise<KeptPin | undefined>
  /** Keeps the pin of this cluster, and the one that its server announced. A broken file is begun again. */
  keep(cluster: string, pin: string, now: Date, next?: string): Promise<void>
}

/** The pins in the file at `path`. Two commands at once may forget what one of them saw first, and never what was kept before. */
export const pinsIn = (files: Pick<Files, 'read' | 'write' | 'stat'>, path: string): Pins => {
  const load = async (): Promise<Kept> => {
    const stat = await files.stat(path)
    if (stat === undefined) return { version: 1, pins: {} }
    if (stat.kind !== 'file' || stat.size > mostBytes)
      throw new Error(`${path} is not the file of pins that it should be`)
    const kept = parse((await files.read(path)) ?? '')
    if (!Value.Check(Kept, kept)) throw new Error(`${path} is broken`)
    return kept
  }
  return {
    read: async (cluster) => {
      const { pins } = await load()
      return Object.hasOwn(pins, cluster) ? pins[cluster] : undefined
    },
    keep: async (cluster, pin, now, next) => {
      const { pins } = await load().catch(() => ({ pins: {} as Kept['pins'] }))
      const others = Object.entries(pins).filter(([name]) => name !== cluster)
      const newest = others.sort(([, one], [, other]) => (one.since < other.since ? 1 : -1)).slice(0, mostPins - 1)
      const kept: Kept = {
        version: 1,
        pins: Object.fromEntries([[cluster, { pin, ...given({ next }), since: now.toISOString() }], ...newest])
      }
      await files.write(path, `${JSON.stringify(kept, null, 2)}\n`, 0o600)
    }
  }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
