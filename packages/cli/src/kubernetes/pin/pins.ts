import type { Files } from '@joinery/host/files'
import { InstallationView } from '@joinery/protocol/door'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import type { KeptPin, Known } from './judge-pin.ts'

/** Most clusters that are kept, most ways to each, and most bytes of a file that is read. */
export const [mostPins, mostWays, mostBytes] = [256, 8, 256 * 1024]

const pin = InstallationView.properties.pin

const Kept = Type.Object({
  version: Type.Literal(1),
  pins: Type.Record(
    Type.String(),
    Type.Object({
      pin,
      // `next`, as commands of before kept it, is proven by nobody
      proven: Type.Optional(pin),
      named: Type.Optional(Type.Literal(true)),
      issued: Type.Optional(Type.String({ maxLength: 20 })),
      ways: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: mostWays })),
      since: Type.String({ maxLength: 40 })
    })
  )
})
type Kept = Static<typeof Kept>

/** The pins that an operator's commands have seen, in a file of the operator's own. */
export interface Pins {
  /** Path of the file. */
  readonly path: string
  /** Tells what is known of this cluster, to which `ways` lead now. Throws if the file cannot be read, or is broken. */
  read(cluster: string, ways: readonly string[]): Promise<Known>
  /** Keeps the pin of this cluster. Throws if the file is broken, and writes nothing over it. */
  keep(cluster: string, kept: KeptPin, now: Date): Promise<void>
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
    path,
    read: async (cluster, ways) => {
      const { pins } = await load()
      const kept = Object.hasOwn(pins, cluster) ? pins[cluster] : undefined
      const unknown = ways.filter((way) => !kept?.ways?.includes(way))
      return { kept, elsewhere: Object.values(pins).some((other) => unknown.some((way) => other.ways?.includes(way))) }
    },
    keep: async (cluster, { ways = [], ...kept }, now) => {
      const { pins } = await load()
      const others = Object.entries(pins).filter(([name]) => name !== cluster)
      const newest = others.sort(([, one], [, other]) => (one.since < other.since ? 1 : -1)).slice(0, mostPins - 1)
      const entry = { ...kept, ways: ways.slice(-mostWays), since: now.toISOString() }
      const text = JSON.stringify({ version: 1, pins: Object.fromEntries([[cluster, entry], ...newest]) }, null, 2)
      await files.write(path, `${text}\n`, 0o600)
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
