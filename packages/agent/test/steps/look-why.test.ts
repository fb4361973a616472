import type { Cause, CausesRequest, SeenEnrolment } from '@joinery/protocol'
import t from 'tap'
import type { NotReady } from '../../src/machine/port/looking.ts'
import { Refused, Unreachable } from '../../src/pairing/pairing-server.ts'
import type { Memory } from '../../src/plan/observe.ts'
import { firstLook } from '../../src/plan/why-looks.ts'
import { lookWhyBeside } from '../../src/steps/await-node/look-why.ts'
import type { Context } from '../../src/steps/context.ts'

const cause = (code: Cause['code'], text: string): Cause => ({ code, from: 'machine', text, evidence: [], remedy: [] })
const off = cause('runtime-off', 'containerd does not run')
const missing = cause('cni-missing', 'there is no configuration')

const settled = () => new Promise((resolve) => setImmediate(resolve))

const open = () => {
  const reported: Cause[][] = []
  const skews: (number | undefined)[] = []
  const logged: unknown[] = []
  let now = 0
  let found: () => Promise<NotReady>
  let answer: () => Promise<SeenEnrolment> = async () => ({ state: 'joined' }) as SeenEnrolment
  const finds = (...causes: Cause[]) => {
    found = async () => ({ readiness: { ready: false, message: '' }, causes, unseen: [] })
  }
  finds(off)
  const memory: Memory = { stagesReported: 0 }
  const context = {
    memory,
    clock: { monotonic: () => now },
    looking: {
      whyNotReady: (_: string, skew?: number) => {
        skews.push(skew)
        return found()
      }
    },
    server: {
      reportCauses: ({ causes }: CausesRequest) => {
        reported.push(causes)
        return answer()
      }
    },
    log: { info: (part: unknown) => logged.push(part), debug: () => {} }
  } as unknown as Context
  return {
    memory,
    reported,
    skews,
    logged,
    finds,
    find: (look: () => Promise<NotReady>) => {
      found = look
    },
    answers: (next: typeof answer) => {
      answer = next
    },
    /** Comes round the loop that much later, and lets what goes on beside come to its end. */
    turn: async (after = firstLook) => {
      now += after
      const said = lookWhyBeside(context, 'worker-1')
      await settled()
      await settled()
      return said
    }
  }
}

t.test('the agent looks after 30 seconds and then each 15 seconds, and not at each turn', async (t) => {
  const { turn, skews } = open()
  await turn(0)
  for (let seconds = 2; seconds < 30; seconds += 2) await turn(2000)
  t.equal(skews.length, 0)
  await turn(2000)
  t.equal(skews.length, 1)
  await turn(14_000)
  t.equal(skews.length, 1)
  await turn(1000)
  t.equal(skews.length, 2)
})

t.test('the server is told what changed, once, and the cause is said', async (t) => {
  const { turn, reported, finds, logged } = open()
  await turn(0)
  t.equal(await turn(), undefined, 'the look goes on beside')
  t.equal(await turn(), 'containerd does not run')
  await turn()
  finds({ ...off, evidence: ['at another time'] }, missing)
  await turn()
  finds(missing)
  await turn()
  finds()
  await turn()
  t.equal(await turn(), undefined, 'what is over is not said any more')
  t.same(
    reported.map((causes) => causes.map(({ code }) => code)),
    [['runtime-off'], ['runtime-off', 'cni-missing'], ['cni-missing'], []]
  )
  t.equal(logged.length, 4)
})

t.test('a report that did not arrive is made again at the next look', async (t) => {
  const { turn, reported, answers } = open()
  answers(() => Promise.reject(new Unreachable('away')))
  await turn(0)
  await turn()
  t.equal(await turn(), 'containerd does not run', 'people at the machine hear of it all the same')
  answers(async () => ({ state: 'joined' }) as SeenEnrolment)
  await turn()
  await turn()
  t.equal(reported.length, 3)
})

t.test('an older server is asked once', async (t) => {
  const { turn, reported, answers, finds } = open()
  answers(() => Promise.reject(new Refused('not-found', 'there is no PUT /v1/enrolment/causes')))
  await turn(0)
  await turn()
  finds(missing)
  await turn()
  await turn()
  t.equal(reported.length, 1)
  t.equal(await turn(), 'there is no configuration')
})

t.test(
  'a server that does not know one of the causes is told the next ones, and not the same ones again',
  async (t) => {
    const { turn, reported, answers, finds } = open()
    answers(() => Promise.reject(new Refused('invalid-request', 'causes/0/code')))
    await turn(0)
    await turn()
    await turn()
    t.equal(reported.length, 1)
    finds(missing)
    await turn()
    t.equal(reported.length, 2)
  }
)

t.test('a server that is busy is told again', async (t) => {
  const { turn, reported, answers } = open()
  answers(() => Promise.reject(new Refused('too-many-requests', 'later')))
  await turn(0)
  await turn()
  await turn()
  t.equal(reported.length, 2)
})

t.test('that the name is banned is said at the machine, and told to nobody', async (t) => {
  const { turn, reported, finds } = open()
  finds(cause('banned', 'its name is banned'), missing)
  await turn(0)
  await turn()
  t.equal(await turn(), 'its name is banned')
  t.same(
    reported.map((causes) => causes.map(({ code }) => code)),
    [['cni-missing']]
  )
})

t.test('a look that fails or goes on and on neither ends the wait nor begins another', async (t) => {
  const { turn, find, finds, skews, reported } = open()
  find(() => Promise.reject(new Error('broken')))
  await turn(0)
  await turn()
  find(() => new Promise(() => {}))
  await turn()
  finds(missing)
  await turn()
  await turn()
  t.equal(skews.length, 2)
  t.same(reported, [])
})

t.test('a look that ends after the Node is Ready tells nothing', async (t) => {
  const { turn, find, memory, reported } = open()
  const { promise, resolve } = Promise.withResolvers<NotReady>()
  find(() => promise)
  await turn(0)
  await turn()
  delete memory.why
  resolve({ readiness: { ready: false, message: '' }, causes: [off], unseen: [] })
  await settled()
  t.same(reported, [])
})

t.test('a look that finds the Node Ready tells nothing', async (t) => {
  const { turn, find, reported } = open()
  find(async () => ({ readiness: { ready: true, message: '' }, causes: [], unseen: [] }))
  await turn(0)
  await turn()
  t.same(reported, [])
})

t.test('a look knows how far the clock is from the server’s, if the server was asked', async (t) => {
  const { turn, memory, skews } = open()
  memory.survey = { value: { cluster: { skew: 7000 } as never }, at: 0 }
  await turn(0)
  await turn()
  t.same(skews, [7000])
})
