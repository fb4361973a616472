import type { Cause, CauseCode, Why } from '@joinery/protocol'
import type { Test } from 'tap'
import { waitFor } from '../bed/wait-for.ts'
import { minutes } from '../product.ts'
import { codesOf, type Worker } from './worker.ts'

/** The answer that is expected of one of the two places. */
export interface Expected {
  /** Codes of the causes: these first, in this order. */
  first: readonly [CauseCode, ...CauseCode[]]
  /** Words of the real program, in the text or the evidence of the first cause. */
  words: RegExp
  /** Codes that must be somewhere behind them. */
  behind?: readonly CauseCode[]
}

/** Something that goes wrong on one machine, or for it, and how that is taken back. */
export interface Fault {
  /** The sentence that the test is called. */
  title: string
  make(worker: Worker): Promise<unknown>
  takeBack(worker: Worker): Promise<unknown>
  /** The answer of `joinery why`. If absent, nobody asks there. */
  cluster?: Expected
  /** The answer of `joinery-agent why`. If absent, nobody can ask there. */
  machine?: Expected
  /** True if the Node is not Ready before and after the fault, as there is no network plugin yet. */
  early?: true
  /** True if the Node is Ready all the while, and its Pods fail. */
  staysReady?: true
}

/** Makes the fault, sees what is said first, takes it back, and sees the Node Ready again with no cause left. */
export const testFault = (t: Test, worker: Worker, fault: Fault): Promise<unknown> =>
  t.test(`${worker.name}: ${fault.title}`, async (t) => {
    const { early = false, staysReady = false } = fault
    const begun = performance.now()
    const seconds = () => `${((performance.now() - begun) / 1000).toFixed(1)} s`
    try {
      await fault.make(worker)
      if (!early && !staysReady) await worker.becomes('False', 'Unknown')
      t.comment(`${worker.name}: ${fault.title}: not Ready after ${seconds()}`)
      if (fault.cluster) {
        await tells(t, 'cluster', worker.serverKnows, fault.cluster)
        judge(t, 'cluster', await worker.clusterSays(), fault.cluster, staysReady)
      }
      // a look takes an emulated machine ten seconds, so not while it still changes
      if (fault.machine)
        judge(t, 'machine', await tells(t, 'machine', worker.machineSays, fault.machine), fault.machine, staysReady)
      t.comment(`${worker.name}: ${fault.title}: told after ${seconds()}`)
    } finally {
      await fault.takeBack(worker)
    }
    if (early) return
    await worker.becomes('True')
    t.comment(`${worker.name}: ${fault.title}: Ready after ${seconds()}`)
    // an end of a container is news for some minutes
    const none = await waitFor(
      'no cause to be left',
      worker.serverKnows,
      ({ causes }) => causes.length === 0,
      4 * minutes
    )
    t.match(none, { name: worker.name, ready: true })
  })

/** Asks until the expected causes come first, and tells what came before them. Gives the answer. */
const tells = async <Seen extends Pick<Why, 'causes'>>(
  t: Test,
  place: string,
  ask: () => Promise<Seen>,
  expected: Expected
): Promise<Seen> => {
  const answers: string[] = []
  const asked = async () => {
    const why = await ask()
    const line = codesOf(why).join(', ') || 'nothing'
    if (answers.at(-1) !== line) answers.push(line)
    return why
  }
  const what = `the ${place} to say ${expected.first.join(', ')}`
  return waitFor(what, asked, says(expected), 4 * minutes, 1000).finally(() =>
    t.comment(`${place}: ${answers.join(' -> ')}`)
  )
}

const judge = (t: Test, place: string, why: Why, { first, words }: Expected, staysReady: boolean): void => {
  t.comment(`${place}: ${wordsOf(why.causes[0]).join(' | ')}`)
  t.equal(why.ready, staysReady)
  t.same(codesOf(why).slice(0, first.length), first, `${place}: the true cause is first`)
  t.match(wordsOf(why.causes[0]).join('\n'), words, `${place}: in the words of the program`)
  t.ok(why.causes[0]?.evidence.length, `${place}: the first cause has evidence`)
  t.match(why.summary, why.causes[0]?.text, `${place}: the paragraph begins with it`)
}

const says =
  ({ first, words, behind = [] }: Expected) =>
  (why: Pick<Why, 'causes'>): boolean =>
    first.every((code, at) => why.causes[at]?.code === code) &&
    behind.every((code) => codesOf(why).includes(code)) &&
    words.test(wordsOf(why.causes[0]).join('\n'))

const wordsOf = (cause: Cause | undefined): string[] => (cause === undefined ? [] : [cause.text, ...cause.evidence])
