import { randomBytes } from 'node:crypto'
import t from 'tap'
import { Entrance, linkLasts } from '../../src/console/guard/entrance.ts'

const open = () => {
  const clock = { now: 1000 }
  return { clock, entrance: new Entrance({ random: randomBytes, monotonic: () => clock.now }) }
}

t.test('the link gets a cookie once', async (t) => {
  const { entrance } = open()
  const cookie = entrance.enter(entrance.secret) ?? ''
  t.match(cookie, /^[\w-]{43}$/, '256 bits')
  t.match(entrance.secret, /^[\w-]{43}$/, '256 bits')
  t.not(cookie, entrance.secret)
  t.ok(entrance.knows(cookie))
  t.equal(entrance.enter(entrance.secret), undefined)
  t.ok(entrance.knows(cookie), 'a used link takes nothing away')
})

t.test('a wrong link gets nothing, and the right one is still good', async (t) => {
  const { entrance } = open()
  for (const wrong of ['', 'x', entrance.secret.slice(1), `${entrance.secret}x`]) {
    t.equal(entrance.enter(wrong), undefined)
  }
  t.notOk(entrance.knows(entrance.secret), 'the link is no cookie')
  t.notOk(entrance.knows(undefined))
  t.notOk(entrance.knows(''))
  t.ok(entrance.enter(entrance.secret))
})

t.test('the link is good for ten minutes, and its cookie for longer', async (t) => {
  const late = open()
  late.clock.now += linkLasts
  t.equal(late.entrance.enter(late.entrance.secret), undefined)
  const { clock, entrance } = open()
  clock.now += linkLasts - 1
  const cookie = entrance.enter(entrance.secret)
  clock.now += 100 * linkLasts
  t.ok(entrance.knows(cookie))
})

t.test('after the end neither link nor cookie is good', async (t) => {
  const { entrance } = open()
  const cookie = entrance.enter(entrance.secret)
  entrance.close()
  t.notOk(entrance.knows(cookie))
  const other = open().entrance
  other.close()
  t.equal(other.enter(other.secret), undefined)
})

t.test('a cookie of one console is none of another', async (t) => {
  const [one, other] = [open().entrance, open().entrance]
  const cookie = one.enter(one.secret)
  other.enter(other.secret)
  t.notOk(other.knows(cookie))
})
