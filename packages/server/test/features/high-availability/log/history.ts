import { ProblemError } from '@joinery/protocol'
import type { LogObjects, NewDocument, TakenOver } from '@joinery/server/testing/log'
import type { Seeded } from '@joinery/testing/chance/seeded'

/** One append, as the model knows it. It may be cut into several batches. */
export interface Op {
  /** Place among the servers that took over: the one that was asked. */
  server: number
  documents: readonly NewDocument[]
  /** Absent if nobody has heard of it, or never will. */
  told?: { number: number } | 'refused'
}

/** What a server found when it took over. */
export interface Look {
  number: number
  documents: ReadonlyMap<string, { number: number; text: string }>
}

export const lookOf = ({ number, documents }: TakenOver): Look => ({
  number,
  documents: new Map(documents.map((document) => [document.name, document]))
})

type Acked = Op & { told: { number: number } }

/**
 * Rules that a history breaks, as sentences. `looks` are those of all servers, in the order in which they took over; of a server that
 * never took over there is none.
 */
export const brokenRules = (ops: readonly Op[], looks: readonly Look[]): string[] => {
  const acked = ops.filter((op): op is Acked => typeof op.told === 'object')
  const history = { ops, acked, looks, byText: byText(ops) }
  const names = new Set(ops.flatMap(({ documents }) => documents.map(({ name }) => name)))
  return [
    ...brokenNumbers(acked, looks),
    ...looks.flatMap((look, index) =>
      [...new Set([...names, ...look.documents.keys()])].flatMap((name) =>
        brokenOf(history, index, name).map((rule) => `server ${index}, ${name}: ${rule}`)
      )
    )
  ]
}

/** The one who asked for each content. Each content is asked for once. */
const byText = (ops: readonly Op[]): ReadonlyMap<string, Op> =>
  new Map(ops.flatMap((op) => op.documents.map(({ name, text }) => [`${name} ${text}`, op] as const)))

/** There is one line of numbers, and each server has its part of it. */
const brokenNumbers = (acked: readonly Acked[], looks: readonly Look[]): string[] => {
  const broken: string[] = []
  const owners = new Map<number, number>()
  for (const { server, told } of acked) {
    // what one server was asked in one turn is one batch
    if ((owners.get(told.number) ?? server) !== server) broken.push(`two servers have batch ${told.number}`)
    owners.set(told.number, server)
    const [own, next] = [looks[server], looks[server + 1]]
    if (own === undefined || told.number <= own.number) broken.push(`${told.number} is no number of server ${server}`)
    if (next !== undefined && told.number >= next.number)
      broken.push(`server ${server} acknowledged ${told.number} late`)
  }
  return broken
}

interface History {
  ops: readonly Op[]
  acked: readonly Acked[]
  looks: readonly Look[]
  byText: ReadonlyMap<string, Op>
}

/** Rules that are broken by what a server found under a name. */
const brokenOf = ({ ops, acked, looks, byText }: History, index: number, name: string): string[] => {
  const { documents, number } = looks[index] as Look
  const found = documents.get(name)
  const last = lastOf(acked, name, number)
  if (found === undefined) {
    const mayBeGone = ops.some(
      ({ server, told, documents }) =>
        server < index && told === undefined && documents.some((one) => one.name === name && one.text === null)
    )
    return last !== undefined && last.text !== null && !mayBeGone ? [`batch ${last.number} is lost`] : []
  }
  // a host that knew less than the head: whoever serves settles it
  if (name === 'mark') return []
  const op = byText.get(`${name} ${found.text}`)
  if (op === undefined || op.server >= index) return [`nobody wrote ${found.text}`]
  const broken: string[] = []
  if (op.told === 'refused') broken.push(`${found.text} was refused, and is there`)
  if (!mayHaveNumber(op, found.number)) broken.push('it has another number')
  if (last !== undefined && last.text !== found.text && isOlder(op, found.number, last.number)) {
    broken.push(`batch ${last.number} is lost`)
  }
  const before = looks[index - 1]
  const isOld = before !== undefined && found.number <= before.number
  if (isOld && before.documents.get(name)?.text !== found.text) broken.push('it came back')
  return broken
}

/** True if a document of this request may have that number, by what was told: that of its last part. */
const mayHaveNumber = ({ told }: Op, number: number): boolean => typeof told !== 'object' || number <= told.number

/** True if a document of this request, found with that number, is older than a batch that was acknowledged. */
const isOlder = ({ told }: Op, number: number, acknowledged: number): boolean =>
  typeof told === 'object' ? told.number < acknowledged : number + 100 < acknowledged

/** The newest content of a document that was acknowledged before that number. */
const lastOf = (
  acked: readonly Acked[],
  name: string,
  before: number
): { number: number; text: string | null } | undefined => {
  let last: { number: number; text: string | null } | undefined
  for (const { told, documents } of acked) {
    const document = documents.findLast((one) => one.name === name)
    if (document === undefined || told.number >= before || told.number < (last?.number ?? 0)) continue
    last = { number: told.number, text: document.text }
  }
  return last
}

/** A process that can be stopped, let go on, and killed. What it sent goes its way whatever becomes of it. */
export class Process {
  isDead = false
  #paused: PromiseWithResolvers<void> | undefined

  pause(): void {
    this.#paused ??= Promise.withResolvers()
  }

  goOn(): void {
    this.#paused?.resolve()
    this.#paused = undefined
  }

  kill(): void {
    this.isDead = true
  }

  /** Resolves when the process runs. Never, if it is dead. */
  async runs(): Promise<void> {
    while (this.#paused !== undefined && !this.isDead) await this.#paused.promise
    if (this.isDead) await new Promise<never>(() => undefined)
  }

  /** A call of this process: it sends only while it runs, and hears the answer only then. */
  async call<T>(act: () => Promise<T>): Promise<T> {
    await this.runs()
    try {
      return await act()
    } finally {
      await this.runs()
    }
  }

  port(objects: LogObjects): LogObjects {
    const runs = () => this.runs()
    return {
      head: () => this.call(() => objects.head()),
      makeHead: (head) => this.call(() => objects.makeHead(head)),
      moveHead: (before, head) => this.call(() => objects.moveHead(before, head)),
      documents: async function* () {
        await runs()
        for await (const page of objects.documents()) {
          await runs()
          yield page
        }
        await runs()
      },
      writeDocument: (document, version) => this.call(() => objects.writeDocument(document, version)),
      readDocument: (name) => this.call(() => objects.readDocument(name)),
      deleteDocument: (name, version) => this.call(() => objects.deleteDocument(name, version))
    }
  }
}

/** Asks for a batch, and writes down what it is told. */
export const ask = (op: Op, taken: TakenOver): void => {
  taken.appender.append(op.documents).then(
    (number) => {
      op.told = { number }
    },
    (error: unknown) => {
      op.told = 'refused'
      if (!(error instanceof ProblemError && error.code === 'store-unavailable')) throw error
    }
  )
}

/** Documents of a batch that a seed chooses, each with so many characters that nothing packs. Each text is there once. */
export const someDocuments = (chance: Seeded, count: () => number, characters = 0): NewDocument[] => {
  const names = new Set(Array.from({ length: chance.integer(1, 4) }, () => `document-${chance.integer(0, 9)}`))
  return [...names].map((name) => ({
    name,
    text: chance.chance(0.25) ? null : JSON.stringify(`${count()} ${noise(chance, characters)}`)
  }))
}

/** Characters in which no two are alike for long. */
const noise = (chance: Seeded, characters: number): string =>
  Array.from({ length: characters / 6 }, () =>
    Math.floor(chance.next() * 2 ** 30)
      .toString(36)
      .padStart(6, '0')
  ).join('')
