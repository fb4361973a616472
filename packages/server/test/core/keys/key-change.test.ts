import { readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { chown, mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { needsRoot } from '@joinery/testing/processes/needs'
import t, { type Test } from 'tap'
import { changeKeys, finishKeyChange, isKeyChangeCut, stepsOfKeyChange } from '../../../src/core/keys/key-change.ts'

const before = { 'ca.crt': 'old certificate', 'ca.key': 'old key', 'ca-next.key': 'next key', 'master.key': 'master' }
const change = new Map([
  ['ca.key', 'next key'],
  ['ca.crt', 'next certificate'],
  ['audit.key', 'audit'],
  ['ca-next.key', '']
])
const after = { 'audit.key': 'audit', 'ca.crt': 'next certificate', 'ca.key': 'next key', 'master.key': 'master' }

const stateOf = (t: Test): string => t.testdir(before)
const contents = (state: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(state)
      .sort()
      .map((name) => [name, readFileSync(join(state, name), 'utf8')])
  )

t.test('a change of keys replaces, makes and removes files, which only the owner can read', async (t) => {
  const state = stateOf(t)
  await changeKeys(state, change)
  t.same(contents(state), after)
  for (const name of change.keys()) {
    if (name !== 'ca-next.key') t.equal(statSync(join(state, name)).mode & 0o777, 0o600, name)
  }
})

const names = stepsOfKeyChange('/nowhere', change).map(({ what }) => what)
t.same(names.slice(0, 2), ['begin', 'draft ca.key'])

for (const [index, what] of names.entries()) {
  const counts = index > names.indexOf('commit')
  t.test(`a crash before "${what}" leaves ${counts ? 'all of the change' : 'nothing of the change'}`, async (t) => {
    const state = stateOf(t)
    for (const step of stepsOfKeyChange(state, change).slice(0, index)) await step.do()
    t.equal(isKeyChangeCut(state), counts)
    await finishKeyChange(state)
    t.same(contents(state), counts ? after : before)
    t.notOk(isKeyChangeCut(state))
    // and the whole change, again
    await changeKeys(state, change)
    t.same(contents(state), after)
  })

  t.test(`a second crash, after "${what}" was the first thing to be done again, changes nothing in that`, async (t) => {
    const state = stateOf(t)
    const steps = stepsOfKeyChange(state, change)
    for (const step of steps.slice(0, index)) await step.do()
    if (what.startsWith('place ')) await steps[index]?.do()
    await finishKeyChange(state)
    await finishKeyChange(state)
    t.same(contents(state), counts ? after : before)
  })
}

t.test('a write that fails leaves the files as they were, and the next change counts', async (t) => {
  const state = stateOf(t)
  const [begin, ...rest] = stepsOfKeyChange(state, change)
  await begin?.do()
  // somebody put a folder where a draft must go
  await mkdir(join(state, '.keys.draft', 'ca.key', 'x'), { recursive: true })
  const goOn = async () => {
    for (const step of rest) await step.do()
  }
  await t.rejects(goOn(), { code: 'EISDIR' })
  t.notOk(isKeyChangeCut(state))
  await finishKeyChange(state)
  t.same(contents(state), before)
})

t.test(
  'files that root changes belong to the owner of the state folder, and the keys of CAs to root',
  { skip: needsRoot },
  async (t) => {
    const state = stateOf(t)
    await chown(state, 4711, 4712)
    const steps = stepsOfKeyChange(state, new Map(['ca.key', 'ca-next.key', 'ca.crt'].map((name) => [name, 'k'])))
    for (const { what, do: act } of steps) {
      if (what === 'commit') {
        // the server itself may have to finish the change
        t.match(await stat(join(state, '.keys.draft')), { uid: 4711, gid: 4712, mode: 0o40700 })
        t.match(await stat(join(state, '.keys.draft', 'ca.key')), { uid: 0, gid: 0, mode: 0o100600 })
      }
      await act()
    }
    t.match(await stat(join(state, 'ca.crt')), { uid: 4711, gid: 4712, mode: 0o100600 })
    for (const name of ['ca.key', 'ca-next.key']) {
      t.match(await stat(join(state, name)), { uid: 0, gid: 0, mode: 0o100600 }, name)
    }
  }
)

t.test('a link at the place of a change takes no file out of the folder that it names', async (t) => {
  const folder = t.testdir({ state: {}, outside: { passwd: 'root' } })
  const state = join(folder, 'state')
  symlinkSync(join(folder, 'outside'), join(state, '.keys.made'))
  await t.rejects(finishKeyChange(state), { message: /\.keys\.made is no folder: move it away/ })
  t.same(readdirSync(join(folder, 'outside')), ['passwd'])
})

t.test('a half draft is never taken for a change', async (t) => {
  const state = stateOf(t)
  await mkdir(join(state, '.keys.draft'))
  await writeFile(join(state, '.keys.draft', 'ca.key'), 'half')
  await finishKeyChange(state)
  t.same(contents(state), before)
})
