import { budgets } from '@joinery/server/testing/base'
import { takeOver } from '@joinery/server/testing/log'
import t from 'tap'
import { Process } from './history.ts'
import { knownBy, makeWorld, namesIn, textsOf, type World } from './log-fixture.ts'

/** A server that the test can stop. It never loses its lease: nothing but the log itself holds it up. */
const stoppable = async (world: World) => {
  const process = new Process()
  const [deposed, alerts]: [string[], string[]] = [[], []]
  const parts = world.parts({
    deposed: (reason) => deposed.push(reason),
    alert: (sentence) => alerts.push(sentence),
    clock: {
      monotonic: world.clock.monotonic,
      sleep: (milliseconds) => process.call(() => world.clock.sleep(milliseconds))
    }
  })
  const taken = await world.clock.until(takeOver({ ...parts, objects: process.port(parts.objects) }))
  return { process, taken, deposed, alerts }
}

const append = (
  world: World,
  taken: { appender: { append: (documents: { name: string; text: string | null }[]) => Promise<number> } },
  name: string,
  text: string | null
) => world.clock.until(taken.appender.append([{ name, text }]))

/** A server that has written these texts of `x` and is quiet, and etcd as it is then. */
const quietAfter = async (...written: string[]) => {
  const world = makeWorld()
  const server = await world.start()
  for (const text of written) await append(world, server.taken, 'x', text)
  await world.clock.run(3000)
  return { world, server, early: world.objects.snapshot() }
}

t.test('names that become free fence nothing: a server that wakes up commits nothing', async (t) => {
  const world = makeWorld()
  const a = await stoppable(world)
  await append(world, a.taken, 'x', '101')
  await world.clock.run(3000)
  a.process.pause()
  const b = await world.start()
  await append(world, b.taken, 'x', '102')
  await append(world, b.taken, 'y', '103')
  await world.clock.run(10_000)
  t.same(world.objects.head?.batches, [], 'everything of B is written, and no batch is left')
  let told = false
  void a.taken.appender.append([{ name: 'x', text: '"with its old state"' }]).then(
    () => {
      told = true
    },
    () => undefined
  )
  a.process.goOn()
  await world.clock.run(60_000)
  t.notOk(told)
  t.match(a.deposed, [/another server/])
  t.same(textsOf(await world.start()), { x: '102', y: '103' })
})

t.test('etcd that was restored under a running server is noticed at the next commit', async (t) => {
  const { world, server, early } = await quietAfter(...Array.from({ length: 10 }, (_, index) => String(index + 1)))
  for (let batch = 11; batch <= 20; batch += 1) await append(world, server.taken, 'x', String(batch))
  world.objects.restore(early)
  let told = false
  void server.taken.appender.append([{ name: 'x', text: '21' }]).then(
    () => {
      told = true
    },
    () => undefined
  )
  await world.clock.run(60_000)
  t.notOk(told)
  t.match(server.deposed, [/etcd was restored/])
})

t.test('a server that doubts the head sees that etcd was restored, and another one goes on', async (t) => {
  const { world, server, early } = await quietAfter('1')
  server.taken.doubt()
  server.taken.doubt()
  await world.clock.run(3000)
  t.match(
    world.objects.head,
    { number: (early.head?.number ?? 0) + 1, batches: { length: 0 } },
    'one empty batch, and the head is its own'
  )
  t.same(server.deposed, [])
  await append(world, server.taken, 'x', '2')
  await world.clock.run(3000)
  world.objects.restore(early)
  await world.clock.run(60_000)
  t.same(server.deposed, [], 'nobody told it')
  server.taken.doubt()
  await world.clock.run(1000)
  t.match(server.deposed, [/etcd was restored/])
  t.same(textsOf(await world.start()), { x: '1' })
})

t.test('a doubt while a batch is under way is settled after it, and one that cannot be settled stays', async (t) => {
  const { world, server, early } = await quietAfter('1')
  world.fate = () => ({ is: 'answered', there: 50, back: 50 })
  server.taken.doubt()
  // the batch is carried out, then etcd is restored, then its answer comes
  await world.clock.run(70)
  t.equal(world.objects.head?.number, (early.head?.number ?? 0) + 1)
  world.objects.restore(early)
  server.taken.doubt()
  world.fate = (call) => (call === 'moveHead' ? { is: 'refused' } : { is: 'answered' })
  await world.clock.run(30_000)
  t.same(server.deposed, [], 'the API server turns each try away')
  world.fate = () => ({ is: 'answered' })
  await world.clock.run(5000)
  t.match(server.deposed, [/etcd was restored/])
})

t.test('nothing of a server that runs is mixed into an etcd that was restored under it', async (t) => {
  const { world, server, early } = await quietAfter('1', '2')
  await append(world, server.taken, 'x', '3')
  await world.clock.run(3000)
  // the batch is durable, and its document is not written yet
  world.fate = (call) => (call === 'writeDocument' ? { is: 'refused' } : { is: 'answered' })
  await append(world, server.taken, 'x', '4')
  world.objects.restore(early)
  world.fate = () => ({ is: 'answered' })
  await world.clock.run(60_000)
  t.match(server.deposed, [/etcd was restored/])
  t.same(textsOf(await world.start()), { x: '2' }, 'the log is as it was restored')
  t.same(server.alerts, [], 'and nobody is told of a document that was put back')
})

t.test('300 races of two servers on one head have one winner each', async (t) => {
  const world = makeWorld()
  let [wins, tie] = [0, 0]
  for (let race = 0; race < 300; race += 1) {
    const one = await world.start()
    const client = world.parts().objects
    const before = world.objects.head
    if (before === undefined) throw new Error('no head')
    const answers = await Promise.all([
      client.moveHead(before.hash, { ...before, hash: 'a'.repeat(64) }),
      client.moveHead(before.hash, { ...before, hash: 'b'.repeat(64) })
    ])
    if (answers.filter((answer) => answer === 'moved').length === 1) wins += 1
    else tie += 1
    world.objects.editHead(before)
    await one.taken.close()
  }
  t.same([wins, tie], [300, 0])
})

t.test('a late write of a deposed server does not take a document backwards', async (t) => {
  const world = makeWorld()
  const a = await stoppable(world)
  await append(world, a.taken, 'x', '1')
  await world.clock.run(3000)
  world.fate = (call) => (call === 'writeDocument' ? { is: 'answered', there: 20_000 } : { is: 'answered' })
  await append(world, a.taken, 'x', '2')
  await world.clock.run(10)
  a.process.kill()
  world.fate = () => ({ is: 'answered' })
  const b = await world.start()
  await append(world, b.taken, 'x', '3')
  await world.clock.run(60_000)
  t.same([b.deposed, b.alerts], [[], []])
  t.same(textsOf(await world.start()), { x: '3' })
})

t.test('a server that sleeps for an hour before it creates a document that was deleted since', async (t) => {
  const world = makeWorld()
  const a = await stoppable(world)
  world.fate = (call) => (call === 'writeDocument' ? { is: 'answered', there: 4_000_000 } : { is: 'answered' })
  await append(world, a.taken, 'x', '1')
  await append(world, a.taken, 'y', '2')
  await world.clock.run(10)
  a.process.kill()
  world.fate = () => ({ is: 'answered' })
  const b = await world.start()
  await append(world, b.taken, 'x', null)
  await append(world, b.taken, 'y', null)
  await append(world, b.taken, 'z', '3')
  await world.clock.run(budgets.clusterLog.late * 2)
  t.same(namesIn(world), ['z'], 'the graves are gone')
  await world.clock.run(4_000_000)
  t.same(namesIn(world), ['x', 'y', 'z'], 'the late requests were carried out')
  const next = await world.start()
  t.same(textsOf(next), { z: '3' })
  await world.clock.run(budgets.clusterLog.late * 3)
  t.same(namesIn(world), ['z'], 'what came late is deleted')
  t.same(textsOf(await world.start({ known: knownBy(next) })), { z: '3' })
})

t.test('two servers that are both sure of their lease: one of them acknowledges', async (t) => {
  const world = makeWorld()
  world.fate = () => ({ is: 'answered', there: 5, back: 5 })
  const a = await stoppable(world)
  const told: string[] = []
  const ask = (who: string, taken: typeof a.taken, round: number): void => {
    void taken.appender
      .append([{ name: 'x', text: `"${who}${round}"` }])
      .then((number) => told.push(`${number} ${who}`))
      .catch(() => undefined)
  }
  for (let round = 0; round < 5; round += 1) {
    ask('a', a.taken, round)
    await world.clock.run(3)
  }
  const b = await world.start()
  for (let round = 0; round < 20; round += 1) {
    ask('a', a.taken, 100 + round)
    ask('b', b.taken, round)
    await world.clock.run(4)
  }
  await world.clock.run(60_000)
  const byA = told.filter((one) => one.endsWith('a')).map((one) => Number.parseInt(one, 10))
  t.ok(byA.length > 0 && byA.every((number) => number < b.taken.number))
  t.match(a.deposed, [/another server/])
  t.same(textsOf(await world.start()), { x: '"b19"' })
})
