import { readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initServer } from '@joinery/testing/pairing/init-server'
import t, { type Test } from 'tap'
import { systemRandom } from '../../../../src/core/base/random.ts'
import { StartRefusal } from '../../../../src/core/base/start-refusal.ts'
import { readStateKeys } from '../../../../src/core/keys/state-keys.ts'
import { rotateKeys } from '../../../../src/core/leadership/rotation/rotate-keys.ts'
import { takeState } from '../../../../src/core/ports/store/take-state.ts'

const newHost = async (t: Test) => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const state = join(folder, 'state')
  const configFile = join(folder, 'server.yaml')
  const init = (print: (line: string) => void = () => {}) => initServer({ stateDirectory: state, configFile, print })
  await init()
  const lines: string[] = []
  const rotate = () => rotateKeys({ state, random: systemRandom.bytes, print: (line) => lines.push(line) })
  const masters = () => readdirSync(state).filter((name) => name.startsWith('master'))
  return { state, init, rotate, lines, masters }
}

t.test('a rotation makes a second master key beside the first one, for new attempts', async (t) => {
  const { state, rotate, lines, masters } = await newHost(t)
  const before = readFileSync(join(state, 'master.key'))
  await rotate()
  const [later = '', first] = masters()
  t.match(later, /^master-2-[0-9a-f]{16}\.key$/)
  t.equal(first, 'master.key')
  t.ok(readFileSync(join(state, 'master.key')).equals(before))
  t.equal(statSync(join(state, later)).mode & 0o777, 0o600)
  const { masterKeys } = await readStateKeys(state)
  t.equal(masterKeys.newest, later.replace(/^master-(.*)\.key$/, '$1'))
  t.ok(before.equals(masterKeys.of(undefined) ?? Buffer.alloc(0)))
  t.match(lines, [`${join(state, later)} created`, /master\.key stays until no open attempt needs it/])
  const secrets = [before, readFileSync(join(state, later))].map((key) => key.toString('hex'))
  for (const secret of secrets) t.notOk(lines.join().includes(secret))
})

t.test('a rotation after the first key is gone makes the third, and init makes no first one again', async (t) => {
  const { state, init, rotate, masters } = await newHost(t)
  await rotate()
  await rm(join(state, 'master.key'))
  const lines: string[] = []
  await init((line) => lines.push(line))
  t.same(masters().length, 1)
  t.match(
    lines.find((line) => line.includes('/master')),
    /master-2-[0-9a-f]{16}\.key unchanged$/
  )
  await rotate()
  t.match(masters(), [/^master-2-/, /^master-3-/])
  t.match((await readStateKeys(state)).masterKeys.newest, /^3-/)
})

t.test('the server must be stopped, and of two rotations at the same time one is refused', async (t) => {
  const { state, rotate, masters } = await newHost(t)
  const taken = takeState(state)
  await t.rejects(rotate(), { constructor: StartRefusal, message: /end that server first: systemctl stop/ })
  taken.release()
  t.same(masters(), ['master.key'])
  const ends = await Promise.allSettled([rotate(), rotate()])
  t.same(ends.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  t.equal(masters().length, 2)
})

t.test('a crash in the middle of the write leaves the first key alone, and the next rotation counts', async (t) => {
  const { state, rotate, masters } = await newHost(t)
  await writeFile(join(state, '.master-2-0123456789abcdef.key.new'), 'half')
  t.equal((await readStateKeys(state)).masterKeys.newest, undefined)
  await rotate()
  t.equal(masters().length, 2)
})

t.test('a key file with another key than its name says is refused, and so are more than eight', async (t) => {
  const { state, rotate, masters } = await newHost(t)
  for (let more = 0; more < 7; more += 1) await rotate()
  await t.rejects(rotate(), { message: /there are 8 master keys already: start the server/ })
  t.equal(masters().length, 8)
  const [later = ''] = masters()
  await writeFile(join(state, later), systemRandom.bytes(32))
  const refusal = await readStateKeys(state).catch((error: Error) => error)
  t.match(refusal, { name: 'StartRefusal', message: /is damaged, it holds another key than its name says/ })
})
