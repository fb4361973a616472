import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fingerprint } from '@joinery/protocol'
import { openNextPin } from '@joinery/protocol/statement'
import t, { type Test } from 'tap'
import { makeLog } from '../../../src/core/base/log.ts'
import { init } from '../../../src/core/config/init/init.ts'
import { renewLeaf } from '../../../src/core/keys/renew-leaf.ts'
import { checkAuthorityKeys, readStateKeys } from '../../../src/core/keys/state-keys.ts'
import { finishAuthority, rotateAuthority } from '../../../src/core/leadership/rotation/rotate-authority.ts'
import { agentsTls } from '../../../src/front/http/agents-tls.ts'
import { writeOlderState } from '../../support/older-state.ts'

const now = new Date('2026-12-01T00:00:00Z')
const [user, print] = [{ uid: 4711, gid: 4712 }, () => {}]
const address = 'https://192.0.2.10:7443'
const pinOf = (pem: string): string => fingerprint(new X509Certificate(pem).publicKey)

const olderHost = async (t: Test) => {
  const folder = t.testdir({})
  const state = join(folder, 'state')
  await writeOlderState(state, user)
  const read = (name: string) => readFileSync(join(state, name), 'utf8')
  const kept = () => ['ca.key', 'ca.crt', 'ca-next.key', 'ca-next.crt', 'master.key', 'audit.key'].map(read)
  return { folder, state, read, kept }
}

const upgrades: [by: string, run: (host: Awaited<ReturnType<typeof olderHost>>) => Promise<unknown>][] = [
  ['renew-leaf', ({ state }) => renewLeaf({ state, address, machine: [], now, print })],
  [
    'init',
    ({ folder, state }) =>
      init({
        stateDirectory: state,
        configFile: join(folder, 'server.yaml'),
        addresses: [],
        machineAddresses: [],
        published: address,
        now,
        print
      })
  ]
]
for (const [by, upgrade] of upgrades) {
  t.test(
    `${by} upgrades a state folder of before: the keys stay, those of CAs are root's, the leaf lives 90 days`,
    async (t) => {
      const host = await olderHost(t)
      const { state, read, kept } = host
      const before = kept()
      const stateKeys = await readStateKeys(state)
      t.ok(
        await agentsTls({ state, address }, makeLog({ write: () => {} })),
        'the server of now serves what lies there'
      )
      await upgrade(host)
      t.same(kept(), before)
      t.same(await readStateKeys(state), stateKeys)
      const leaf = new X509Certificate(read('tls.crt'))
      t.equal(leaf.validToDate.getTime(), now.getTime() + 90 * 24 * 60 * 60_000)
      t.ok(leaf.checkIP('192.0.2.10'))
      t.ok(leaf.checkHost('join.example.org'), 'it names what it named')
      await checkAuthorityKeys(state, stateKeys)
      if (process.getuid?.() !== 0) return
      for (const name of readdirSync(state)) {
        const isRoots = name === 'ca.key' || name === 'ca-next.key'
        const { uid, gid } = await stat(join(state, name))
        t.same({ uid, gid }, isRoots ? { uid: 0, gid: 0 } : user, name)
      }
    }
  )
}

t.test(
  'a rotation that was begun before goes on: rotate-ca names the next pin, and --finish puts it in place',
  async (t) => {
    const { state, read } = await olderHost(t)
    const [pin, next] = [pinOf(read('ca.crt')), pinOf(read('ca-next.crt'))]
    await rotateAuthority({ state, now, print })
    t.equal(await openNextPin(read('next-pin.jws'), pin), next)
    await finishAuthority({ state, published: address, now, print })
    t.equal(pinOf(read('ca.crt')), next)
    await agentsTls({ state, address }, makeLog({ write: () => {} }))
    t.ok(new X509Certificate(read('tls.crt')).checkHost('join.example.org'))
    t.notOk(readdirSync(state).some((name) => name.startsWith('ca-next') || name === 'next-pin.jws'))
  }
)
