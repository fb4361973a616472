import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprint } from '@joinery/protocol'
import { initServer } from '@joinery/testing/pairing/init-server'
import t, { type Test } from 'tap'
import { StartRefusal } from '../../src/base/start-refusal.ts'
import { finishKeyChange, stepsOfKeyChange } from '../../src/keys/key-change.ts'
import { makeKey } from '../../src/keys/keys.ts'
import { readStateKeys } from '../../src/keys/state-keys.ts'
import { finishAuthority, rotateAuthority } from '../../src/rotation/rotate-authority.ts'
import { takeState } from '../../src/store/sqlite/take-state.ts'

const now = new Date('2026-11-27T12:00:00Z')
const pinOf = (pem: string): string => fingerprint(new X509Certificate(pem).publicKey)

const newHost = async (t: Test) => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const state = join(folder, 'state')
  const init = () => initServer({ stateDirectory: state, configFile: join(folder, 'server.yaml') })
  const pin = await init()
  const lines: string[] = []
  const print = (line: string) => void lines.push(line)
  return {
    state,
    pin,
    init,
    lines,
    rotate: () => rotateAuthority({ state, now, print }),
    finish: () => finishAuthority({ state, print }),
    authorities: () => readdirSync(state).filter((name) => name.startsWith('ca'))
  }
}

t.test('a rotation makes the next CA beside the present one, once, and finishing it puts it in place', async (t) => {
  const { state, pin, init, lines, rotate, finish, authorities } = await newHost(t)
  await rotate()
  t.same(authorities(), ['ca-next.crt', 'ca-next.key', 'ca.crt', 'ca.key'])
  const { certificateAuthority, nextAuthority = '' } = await readStateKeys(state)
  t.equal(pinOf(certificateAuthority), pin)
  const next = pinOf(nextAuthority)
  t.not(next, pin)
  t.same(lines, [`${join(state, 'ca-next.crt')} created`, `pin: ${pin}`, `next pin: ${next}`])
  await rotate()
  t.same(lines.slice(3), [`${join(state, 'ca-next.crt')} unchanged`, `pin: ${pin}`, `next pin: ${next}`])
  t.equal(await init(), pin, 'the leaf and the pin are those of before')

  await finish()
  t.same(authorities(), ['ca.crt', 'ca.key'])
  t.equal(lines.at(-1), `pin: ${next}`)
  t.equal(await init(), next)
  const leaf = new X509Certificate(readFileSync(join(state, 'tls.crt')))
  t.ok(leaf.verify(new X509Certificate(nextAuthority).publicKey), 'the leaf is by the new CA')
  await t.rejects(finish(), { constructor: StartRefusal, message: /^no CA comes next: make one first/ })
})

t.test('the server must be stopped, and of two rotations at the same time one makes a CA', async (t) => {
  const { state, rotate, finish, authorities } = await newHost(t)
  const taken = takeState(state)
  for (const act of [rotate, finish]) {
    await t.rejects(act(), { constructor: StartRefusal, message: /end that server first: systemctl stop/ })
  }
  taken.release()
  t.same(authorities(), ['ca.crt', 'ca.key'])
  const ends = await Promise.allSettled([rotate(), rotate()])
  t.same(ends.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  t.equal(authorities().length, 4)
  const finished = await Promise.allSettled([finish(), finish()])
  t.same(finished.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  t.equal(authorities().length, 2)
})

/** The change of `finishAuthority` by its steps, so that it can be cut. */
const stepsOfFinish = (state: string) =>
  stepsOfKeyChange(
    state,
    new Map<string, string | Uint8Array>([
      ['ca.key', readFileSync(join(state, 'ca-next.key'))],
      ['ca.crt', readFileSync(join(state, 'ca-next.crt'))],
      ['ca-next.key', ''],
      ['ca-next.crt', '']
    ])
  )

const writes = stepsOfKeyChange(
  '',
  new Map(['ca.key', 'ca.crt', 'ca-next.key', 'ca-next.crt'].map((name) => [name, '']))
)
for (const [index, { what }] of writes.entries()) {
  t.test(`a crash before "${what}" leaves one whole CA, and finishing again ends with the next one`, async (t) => {
    const { state, pin, rotate, finish, init } = await newHost(t)
    await rotate()
    const { nextAuthority = '' } = await readStateKeys(state)
    const isDone = index > writes.findIndex((step) => step.what === 'commit')
    for (const step of stepsOfFinish(state).slice(0, index)) await step.do()
    if (isDone) await t.rejects(readStateKeys(state), { message: /was cut: finish it: joinery-server init/ })
    t.equal(await init(), isDone ? pinOf(nextAuthority) : pin, 'init finishes what counts')
    const { certificateAuthority } = await readStateKeys(state)
    t.equal(pinOf(certificateAuthority), isDone ? pinOf(nextAuthority) : pin)
    if (!isDone) await finish()
    t.equal(pinOf((await readStateKeys(state)).certificateAuthority), pinOf(nextAuthority))
    t.equal(await init(), pinOf(nextAuthority))
  })
}

t.test('a crash in the rotation leaves no half CA', async (t) => {
  const { state, pin, rotate, authorities } = await newHost(t)
  const half = new Map([
    ['ca-next.key', makeKey()],
    ['ca-next.crt', 'never read']
  ])
  for (const step of stepsOfKeyChange(state, half).slice(0, 3)) await step.do()
  await finishKeyChange(state)
  t.same(authorities(), ['ca.crt', 'ca.key'])
  await rotate()
  const { certificateAuthority, nextAuthority = '' } = await readStateKeys(state)
  t.equal(pinOf(certificateAuthority), pin)
  t.not(pinOf(nextAuthority), pin)
})

t.test('a next CA whose key is another one, or is not there, is refused', async (t) => {
  const { state, rotate, finish } = await newHost(t)
  await rotate()
  await writeFile(join(state, 'ca-next.key'), makeKey(), { mode: 0o600 })
  await t.rejects(finish(), { message: /ca-next.key is not the key of .*ca-next.crt/ })
  await rm(join(state, 'ca-next.key'))
  await t.rejects(readStateKeys(state), { message: /ca-next.key is not the key of/ })
})
