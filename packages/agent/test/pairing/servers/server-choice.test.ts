import { fc } from '@joinery/testing/chance/drawn'
import t from 'tap'
import { type NoResult, Refused, Unreachable } from '../../../src/pairing/pairing-server.ts'
import { apart } from '../../../src/pairing/servers/known-servers.ts'
import { learnedInRound, silence } from '../../../src/pairing/servers/plan-round.ts'
import { type SeenServer, ServerChoice } from '../../../src/pairing/servers/server-choice.ts'

const url = (name: string): string => `https://${name}:7443`
const [a, b, c] = [url('a'), url('b'), url('c')]
const refused = (at: string): Unreachable => new Unreachable(`${at}: nothing listens there (connection refused)`)
const silent = (at: string): Unreachable => new Unreachable(`${at} does not answer`, { silent: true })
const standsBy = (retryAfter = 0): Refused =>
  new Refused('not-active', 'Another server is the active one', { retryAfter })

const open = (configured: [string, ...string[]]) => {
  const clock = { now: 0 }
  const seen: (readonly SeenServer[])[] = []
  const told: string[] = []
  const choice = new ServerChoice(configured, {
    clock: { monotonic: () => clock.now },
    changed: (servers) => void seen.push(servers),
    told: (at, { was, why }) => void told.push(`${at} ${was}${why === undefined ? '' : `: ${why}`}`)
  })
  /** The server in use fails so; what the caller gets. */
  const fail = (error: (at: string) => NoResult): NoResult => {
    const { inUse } = choice
    return choice.failed(inUse, error(inUse))
  }
  return { choice, clock, seen, told, fail }
}

t.test('of one server the agent gets every error as it is', async (t) => {
  const { choice, fail } = open([a])
  const gone = refused(a)
  t.equal(
    fail(() => gone),
    gone
  )
  t.equal(choice.inUse, a)
})

t.test(
  'a server that does not answer is left for the next one at once, and after a round the agent waits',
  async (t) => {
    const { choice, fail } = open([a, b, c])
    t.match(fail(refused), { next: 'elsewhere' })
    t.equal(choice.inUse, b)
    t.match(fail(refused), { next: 'elsewhere' })
    t.equal(choice.inUse, c)
    const over = fail(refused)
    t.equal(over.next, undefined)
    t.equal(over.message, `no server is active: ${[a, b, c].map((at) => refused(at).message).join('; ')}`)
    t.equal(choice.inUse, a)
    t.match(fail(refused), { next: 'elsewhere' }, 'and then the next round')
  }
)

t.test('the agent stays at a server that answers, whatever it says', async (t) => {
  for (const error of [
    new Refused('too-many-requests', 'x', { retryAfter: 5000 }),
    new Refused('store-unavailable', 'x'),
    new Refused('not-found', 'x'),
    new Unreachable('it is busy', { next: 'here', retryAfter: 5000 })
  ]) {
    const { choice, fail } = open([a, b])
    t.equal(
      fail(() => error),
      error
    )
    t.equal(choice.inUse, a)
  }
})

t.test('an answer ends a round', async (t) => {
  const { choice, fail } = open([a, b])
  fail(refused)
  choice.answered(b)
  t.match(fail(refused), { next: 'elsewhere' })
  t.equal(choice.inUse, a)
})

t.test(
  'while one stands by, another one takes over soon, whatever pause it asks for before the others were asked',
  async (t) => {
    const { choice, fail } = open([a, b, c])
    t.match(
      fail(() => standsBy(300_000)),
      { next: 'elsewhere' }
    )
    t.match(fail(refused), { next: 'elsewhere' })
    t.match(
      fail(() => standsBy(2000)),
      {
        next: 'soon',
        retryAfter: 2000,
        message: `no server is active: ${a} is not the active server; ${refused(b).message}; ${c} is not the active server`
      }
    )
    t.equal(choice.inUse, a)
  }
)

t.test('whoever knows when the Lease is over speaks for all that stand by, and for nobody else', async (t) => {
  const { choice, fail } = open([a, b, c])
  const knows = () => standsBy(8_000)
  fail(refused)
  t.match(fail(knows), { next: 'elsewhere' })
  t.equal(choice.inUse, c, 'it was not asked yet')
  t.match(
    fail(() => standsBy()),
    { next: 'soon' }
  )
  t.equal(choice.inUse, b, 'those that answered come first')
  t.match(fail(knows), { next: 'elsewhere' })
  t.equal(choice.inUse, a, 'it did not answer the last time')
  t.match(fail(refused), { next: 'soon', retryAfter: 8_000 })
  choice.answered(c)
  t.equal(choice.inUse, b)
  t.match(fail(knows), { next: 'elsewhere' })
  t.equal(choice.inUse, c, 'it was active the last time')
})

t.test('one server alone that stands by takes over soon, too', async (t) => {
  const { fail } = open([a])
  t.match(
    fail(() => standsBy(2000)),
    { next: 'soon', retryAfter: 2000 }
  )
})

t.test('of two calls that fail at one server, only the first one chooses', async (t) => {
  const { choice } = open([a, b, c])
  t.match(choice.failed(a, refused(a)), { next: 'elsewhere' })
  t.match(choice.failed(a, refused(a)), { next: 'elsewhere' })
  t.equal(choice.inUse, b)
})

t.test('a late answer of a server that was left does not end the round', async (t) => {
  const { choice, fail } = open([a, b])
  fail(refused)
  choice.answered(a)
  t.match(fail(refused).message, /^no server is active: /)
})

t.test('another key is said, and said again in the error of the round', async (t) => {
  const { told, fail } = open([a, b])
  const why = `${a} is not the pinned server: expected a CA with key x, seen y; nothing was sent`
  fail(() => new Unreachable(why))
  t.same(told, [`${a} away: ${why}`])
  t.match(fail(refused).message, why)
})

t.test('a condition is told once, and shown with the server in use', async (t) => {
  const { choice, seen, told, fail } = open([a, b])
  for (let round = 0; round < 3; round += 1) {
    fail(refused)
    choice.answered(b)
    choice.answered(b)
    fail(() => standsBy())
    choice.answered(a)
  }
  t.same(told.slice(0, 4), [
    `${a} away: ${refused(a).message}`,
    `${b} active`,
    `${b} standby: ${b} is not the active server`,
    `${a} active`
  ])
  t.equal(told.length, 12)
  t.match(seen.at(-1), [
    { url: a, inUse: true, tried: { was: 'active' } },
    { url: b, inUse: false, tried: { was: 'standby' } }
  ])
})

const pin = `sha256:${'a'.repeat(64)}`

t.test(
  'a learned server is asked only if it was named twice, and no configured one was active for a while',
  async (t) => {
    const { choice, clock, fail } = open([a, b])
    for (let answers = 0; answers < 2; answers += 1) choice.heard(a, pin, [a, c])
    choice.answered(a)
    for (let tries = 0; tries < 8; tries += 1) {
      clock.now += silence
      fail(refused)
      t.not(choice.inUse, c, 'it was named within a moment only')
    }
    clock.now += apart
    choice.heard(a, pin, [a, c])
    choice.answered(a)
    t.same(
      choice.servers.map(({ url }) => url),
      [a, b, c]
    )
    fail(refused)
    clock.now += silence - 1
    fail(() => standsBy())
    fail(refused)
    fail(refused)
    t.equal(choice.inUse, a, 'they are silent for less than a minute')
    clock.now += 1
    fail(refused)
    fail(refused)
    t.equal(choice.inUse, a, 'the round was planned before')
    fail(refused)
    fail(refused)
    t.equal(choice.inUse, c)
  }
)

t.test('a learned server that is not named any more is left', async (t) => {
  const { choice, clock, fail, seen } = open([a])
  choice.remember([
    { url: c, named: 0, proven: true },
    { url: b, named: 0, proven: true }
  ])
  fail(refused)
  clock.now += silence
  fail(refused)
  fail(refused)
  t.equal(choice.inUse, c)
  choice.heard(c, pin, [a])
  t.equal(choice.inUse, a)
  t.same(
    seen.at(-1)?.map(({ url, inUse }) => [url, inUse]),
    [[a, true]]
  )
  t.notMatch(fail(refused).message, b)
  t.equal(choice.inUse, a, 'what was left of the round is not asked')
})

t.test('while a learned server answers, those of the configuration are asked again every ten minutes', async (t) => {
  const { choice, clock, fail } = open([a, b])
  choice.remember([{ url: c, named: 0, proven: true }])
  fail(refused)
  clock.now += silence
  for (let tries = 0; tries < 3; tries += 1) fail(refused)
  t.equal(choice.inUse, c)
  for (let look = 0; look < 2; look += 1) {
    clock.now += 10 * 60_000 - 1
    choice.answered(c)
    t.equal(choice.inUse, c)
    clock.now += 1
    choice.answered(c)
    t.equal(choice.inUse, a)
    fail(refused)
    t.equal(choice.inUse, b)
    fail(refused)
    t.equal(choice.inUse, c)
  }
  choice.answered(c)
  clock.now += 10 * 60_000
  choice.answered(c)
  choice.answered(a)
  fail(refused)
  fail(refused)
  t.equal(choice.inUse, a, 'and if one of them is active, the silence begins anew')
})

const enemies = Array.from({ length: 200 }, (_, index) => `https://192.0.2.${index}:7443`)

t.test(
  'a server that names black holes again and again keeps nobody from the servers of the configuration',
  async (t) => {
    const { choice, clock, fail } = open([a, b])
    const asked: string[] = []
    let due = 0
    for (let turn = 0; turn < 2000; turn += 1) {
      const at = choice.inUse
      asked.push(at)
      // the server that was taken over answers now and then, names others, and is gone
      if (at === a && turn >= due) {
        due = turn + 40
        const first = (Math.floor(turn / 500) * 16) % 184
        choice.heard(a, pin, enemies.slice(first, first + 16))
        choice.answered(a)
      }
      clock.now += 4000
      fail(silent)
    }
    const round = 2 + learnedInRound
    for (let at = 0; at + 2 * round <= asked.length; at += 1) {
      const some = asked.slice(at, at + 2 * round)
      if (!some.includes(a) || !some.includes(b)) t.fail(`not asked: ${some}`)
    }
    t.ok(
      enemies.some((enemy) => asked.includes(enemy)),
      'each of them has its turn'
    )
    t.equal(choice.known.learned.length, 16)
    t.same(choice.known.configured, [a, b])
  }
)

t.test('each server has its turn, and the one that is active is found, whatever happened before', async (t) => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(url)
  const way = fc.record({
    configured: fc.integer({ min: 1, max: 3 }),
    before: fc.array(fc.constantFrom('refused', 'silent', 'standby', 'answered'), { maxLength: 30 }),
    active: fc.nat({ max: 7 })
  })
  const ways = { refused, silent, standby: () => standsBy() }
  const finds = fc.property(way, ({ configured, before, active }) => {
    const { choice, clock, fail } = open(names.slice(0, configured) as [string, ...string[]])
    choice.remember(names.slice(configured).map((url) => ({ url, named: 0, proven: true })))
    for (const what of before) {
      clock.now += 500
      if (what === 'answered') choice.answered(choice.inUse)
      else fail(ways[what])
    }
    // the silence, two rounds, and what was left of the one before
    for (let tries = 0; tries < 4 * names.length; tries += 1) {
      if (choice.inUse === names[active]) return true
      clock.now += 15_000
      fail(refused)
    }
    return false
  })
  t.doesNotThrow(() => fc.assert(finds))
})
