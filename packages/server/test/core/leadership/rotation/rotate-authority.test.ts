import { X509Certificate } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chown, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprint } from '@joinery/protocol'
import { openNextPin } from '@joinery/protocol/statement'
import { initServer } from '@joinery/testing/pairing/init-server'
import { needsRoot } from '@joinery/testing/processes/needs'
import t, { type Test } from 'tap'
import { StartRefusal } from '../../../../src/core/base/start-refusal.ts'
import { finishKeyChange, stepsOfKeyChange } from '../../../../src/core/keys/key-change.ts'
import { makeKey } from '../../../../src/core/keys/keys.ts'
import { readStateKeys } from '../../../../src/core/keys/state-keys.ts'
import { finishAuthority, rotateAuthority } from '../../../../src/core/leadership/rotation/rotate-authority.ts'
import { takeState } from '../../../../src/core/ports/store/take-state.ts'

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
    finish: () => finishAuthority({ state, published: 'https://127.0.0.1:7443', now, print }),
    nextPin: () => {
      const file = join(state, 'next-pin.jws')
      return existsSync(file) ? readFileSync(file, 'utf8') : undefined
    },
    authorities: () => readdirSync(state).filter((name) => name.startsWith('ca'))
  }
}

t.test('a rotation makes the next CA beside the present one, once, and finishing it puts it in place', async (t) => {
  const { state, pin, init, lines, rotate, finish, authorities, nextPin } = await newHost(t)
  await rotate()
  t.same(authorities(), ['ca-next.crt', 'ca-next.key', 'ca.crt', 'ca.key'])
  const { certificateAuthority, nextAuthority = '' } = await readStateKeys(state)
  t.equal(pinOf(certificateAuthority), pin)
  const next = pinOf(nextAuthority)
  t.not(next, pin)
  t.same(lines, [`${join(state, 'ca-next.crt')} created`, `pin: ${pin}`, `next pin: ${next}`])
  await rotate()
  t.equal(await openNextPin(nextPin() ?? '', pin), next, 'the present CA says so itself')
  t.same(lines.slice(3), [`${join(state, 'ca-next.crt')} unchanged`, `pin: ${pin}`, `next pin: ${next}`])
  t.equal(await openNextPin(nextPin() ?? '', pin), next)
  t.equal(await init(), pin, 'the leaf and the pin are those of before')

  await finish()
  t.same(authorities(), ['ca.crt', 'ca.key'])
  t.equal(nextPin(), undefined)
  t.equal(lines.at(-1), `pin: ${next}`)
  const leaf = new X509Certificate(readFileSync(join(state, 'tls.crt')))
  t.equal(await init(), next)
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
      ['ca-next.crt', ''],
      ['next-pin.jws', '']
    ])
  )

const writes = stepsOfKeyChange(
  '',
  new Map(['ca.key', 'ca.crt', 'ca-next.key', 'ca-next.crt', 'next-pin.jws'].map((name) => [name, '']))
)
for (const [index, { what }] of writes.entries()) {
  t.test(`a crash before "${what}" leaves one whole CA, and finishing again ends with the next one`, async (t) => {
    const { state, pin, rotate, finish, init, nextPin } = await newHost(t)
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
    t.equal(nextPin(), undefined)
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
  for (const act of [rotate, finish])
    await t.rejects(act(), { message: /there is no \S+ca-next.key: put back the one/ })
})

t.test('a rotation of before has no text that names the next pin, and rotate-ca again makes it', async (t) => {
  const { state, pin, rotate, nextPin } = await newHost(t)
  await rotate()
  const { nextAuthority = '' } = await readStateKeys(state)
  for (const spoil of [() => rm(join(state, 'next-pin.jws')), () => writeFile(join(state, 'next-pin.jws'), 'half')]) {
    await spoil()
    await rotate()
    t.equal(await openNextPin(nextPin() ?? '', pin), pinOf(nextAuthority))
  }
  t.equal((await readStateKeys(state)).nextAuthority, nextAuthority, 'the CA stays')
})

const begun = ['next-pin.jws', 'ca-next.key', 'ca-next.crt']
const steps = stepsOfKeyChange('', new Map(begun.map((name) => [name, '']))).map(({ what }) => what)
for (const [index, what] of steps.entries()) {
  t.test(`a crash of a rotation before "${what}" names no next pin without its CA, and again makes both`, async (t) => {
    const [{ state, pin, rotate, nextPin, authorities }, other] = [await newHost(t), await newHost(t)]
    await rotate()
    const change = new Map(begun.map((name) => [name, readFileSync(join(state, name), 'utf8')]))
    for (const name of begun) await rename(join(state, name), join(other.state, name))
    for (const step of stepsOfKeyChange(state, change).slice(0, index)) await step.do()
    await finishKeyChange(state)
    t.equal(authorities().length === 4, nextPin() !== undefined)
    await rotate()
    const { nextAuthority = '' } = await readStateKeys(state)
    t.equal(await openNextPin(nextPin() ?? '', pin), pinOf(nextAuthority))
  })
}

t.test('without the key of the CA nobody can say what comes next', async (t) => {
  const { state, rotate, authorities } = await newHost(t)
  await rm(join(state, 'ca.key'))
  await t.rejects(rotate(), { constructor: StartRefusal, message: /there is no \S+ca.key: put it back for the moment/ })
  t.same(authorities(), ['ca.crt'])
})

t.test('all keys of CAs are root’s, before and after each command', { skip: needsRoot }, async (t) => {
  const { state, rotate, finish } = await newHost(t)
  const uidOf = async (name: string) => (await stat(join(state, name))).uid
  for (const name of ['', ...readdirSync(state)]) await chown(join(state, name), 4711, 4712)
  await rotate()
  t.same(await Promise.all(['ca.key', 'ca-next.key', 'ca-next.crt', 'next-pin.jws'].map(uidOf)), [0, 0, 4711, 4711])
  await finish()
  t.same(await Promise.all(['ca.key', 'ca.crt', 'tls.key', 'tls.crt'].map(uidOf)), [0, 4711, 4711, 4711])
})
