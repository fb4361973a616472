import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { connect } from '@joinery/kube'
import { kubernetesLog } from '@joinery/server/testing/kubernetes'

export interface LogPlan {
  /** Kubeconfig of the pairing server. */
  kubeconfig: string
  /** Sizes of heads in KB. */
  heads: readonly number[]
  /** Size of a document in KB. */
  document: number
  /** Largest numbers of documents that are written at the same time. */
  atOnce: readonly number[]
  /** Writes of each kind. */
  writes: number
}

/** Milliseconds of each write, by what was written. */
export type LogTimes = Record<string, number[]>

const plan = JSON.parse(await text(process.stdin)) as LogPlan
const made = connect(await readFile(plan.kubeconfig, 'utf8'))
const objects = kubernetesLog({ connection: () => made })
const log = randomUUID()
const mac = createHash('sha256').update('mac').digest('hex')
const packed = (kilobytes: number): string => randomBytes((kilobytes * 1024 * 3) / 4).toString('base64')
const headOf = (number: number, kilobytes: number) => ({
  format: 1 as const,
  log,
  number,
  hash: createHash('sha256').update(String(number)).digest('hex'),
  term: 1,
  holder: 'bench',
  documents: mac,
  batches: [{ number, term: 1, text: packed(kilobytes) }],
  mac
})

const times: LogTimes = {}
const timed = async (what: string, write: () => Promise<unknown>): Promise<void> => {
  const begun = performance.now()
  const answer = await write()
  if (answer === 'other') throw new Error(`${what}: somebody else writes`)
  times[what] = [...(times[what] ?? []), performance.now() - begun]
}

let number = 1
if ((await objects.makeHead(headOf(number, 1))) !== 'made') throw new Error('there is a head')
for (const kilobytes of plan.heads) {
  for (let count = 0; count < plan.writes; count += 1) {
    const [before, next] = [headOf(number, 0).hash, headOf(number + 1, kilobytes)]
    await timed(`head of ${kilobytes} KB`, () => objects.moveHead(before, next))
    number += 1
  }
}
for (const atOnce of plan.atOnce) {
  const write = async (name: string): Promise<void> => {
    let version: string | undefined
    for (let count = 0; count < plan.writes / atOnce; count += 1) {
      const spec = { name, format: 1 as const, log, number: count, text: packed(plan.document), mac }
      await timed(`document of ${plan.document} KB, ${atOnce} at once`, async () => {
        const written = await objects.writeDocument(spec, version)
        if (written !== 'other') version = written.version
        return written
      })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, (_, index) => write(`d-${atOnce}-${index}`)))
}
process.stdout.write(JSON.stringify(times), () => process.exit())
