import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { makeLog } from '../../../src/core/base/log.ts'
import type { CheckpointTarget } from '../../../src/core/config/audit-config.ts'
import { Elsewhere } from '../../../src/features/audit/elsewhere.ts'
import { openAudit } from './audit-fixture.ts'

const open = async (t: Test, targets: (folder: string) => CheckpointTarget[]) => {
  const world = await openAudit(t)
  const folder = t.testdir({})
  const ran: string[][] = []
  let fails = false
  const elsewhere = new Elsewhere({
    targets: targets(folder),
    newest: async () => {
      const note = await world.checkpoint('2026')
      return note === '' ? undefined : { note, key: await world.server().verifierKey('2026') }
    },
    run: async (program, words) => {
      if (fails) throw new Error('logger: ENOENT')
      ran.push([program, ...words])
    },
    log: makeLog({ write: () => {} }),
    every: 1
  })
  return {
    world,
    folder,
    ran,
    elsewhere,
    fail: (value: boolean) => {
      fails = value
    }
  }
}

t.test('each new checkpoint goes to each place, and none twice', async (t) => {
  const { world, folder, ran, elsewhere } = await open(t, (folder) => [
    { file: join(folder, 'kept') },
    { syslog: true }
  ])
  await elsewhere.give()
  t.same(ran, [], 'nothing before the first one')
  await world.server().settle()
  await elsewhere.give()
  await elsewhere.give()
  const note = await world.checkpoint('2026')
  t.equal(await readFile(join(folder, 'kept'), 'utf8'), note)
  t.same(ran, [
    ['logger', '--tag', 'joinery-audit', '--priority', 'auth.notice', '--', `checkpoint ${JSON.stringify(note)}`]
  ])
  await world.add('enrol')
  await world.server().settle()
  await elsewhere.give()
  t.equal(await readFile(join(folder, 'kept'), 'utf8'), await world.checkpoint('2026'))
  t.equal(ran.length, 2)
  t.same(elsewhere.remedies, [])
})

t.test('a file that knows more than this server is left as it is, and told', async (t) => {
  const { world, folder, elsewhere } = await open(t, (folder) => [{ file: join(folder, 'kept') }])
  await world.server().settle()
  const older = await world.checkpoint('2026')
  await world.add('enrol')
  await world.server().settle()
  const newer = await world.checkpoint('2026')
  await writeFile(join(folder, 'kept'), newer)
  await world.disk.write('2026', 'checkpoint', older)
  await elsewhere.give()
  t.equal(await readFile(join(folder, 'kept'), 'utf8'), newer)
  t.match(elsewhere.remedies, [/has a checkpoint of 2 leaves, and the log has 1/])
})

t.test('a place that did not take a checkpoint gets the next one', async (t) => {
  const { world, ran, elsewhere, fail } = await open(t, () => [{ syslog: true }])
  await world.server().settle()
  fail(true)
  await elsewhere.give()
  t.match(elsewhere.remedies, [/syslog: logger: ENOENT/])
  fail(false)
  await elsewhere.give()
  t.same(elsewhere.remedies, [])
  t.equal(ran.length, 1)
})
