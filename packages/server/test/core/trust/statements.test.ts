import { copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf, fingerprint, minute, version } from '@joinery/protocol'
import { openNextPin, openStatement, signNextPin } from '@joinery/protocol/statement'
import { fixFacts } from '@joinery/testing/cluster/fix-facts'
import { serverHost } from '@joinery/testing/pairing/server-host'
import t, { type Test } from 'tap'
import { clusterPartsOf } from '../../../src/core/config/cluster-parts.ts'
import { makeAuthority } from '../../../src/core/keys/certificates.ts'
import { nextPinFile } from '../../../src/core/keys/key-files.ts'
import { makeKey, readKeyPair } from '../../../src/core/keys/keys.ts'
import type { AgentPackage } from '../../../src/core/ports/store/agent-packages.ts'
import type { FixedFacts } from '../../../src/core/trust/fixed-facts.ts'
import { setupDigest } from '../../../src/core/trust/setup-lack.ts'
import { type SignedAnswer, Statements, statementTimes } from '../../../src/core/trust/statements.ts'

const facts = { cluster: '7d6c1e38-0b7c-4b63-a1d1-1d2f3c4b5a69', apiEndpoint: '192.0.2.1:6443' }
const server = 'https://127.0.0.1:7443'
const url = (index: number): string => `https://192.0.2.${index}:7443`

/** A server's state folder in which `init` has run, and `setup` has fixed the facts. */
const open = async (t: Test, apiEndpoint?: string) => {
  const { folder, pin } = await serverHost(t)
  const state = join(folder, 'server')
  await fixFacts({ state, credential: 'token' }, facts)
  const known: { others: string[] | undefined; agentPackage: AgentPackage | Error | undefined } = {
    others: [],
    agentPackage: undefined
  }
  let now = new Date('2026-11-27T12:00:00.900Z')
  const warned: { reason?: string; problem?: string; remedy?: string }[] = []
  const statements = new Statements({
    state,
    server,
    setup: setupDigest(clusterPartsOf({ credential: 'token' })),
    apiEndpoint,
    others: () => known.others,
    agentPackage: async () => {
      if (known.agentPackage instanceof Error) throw known.agentPackage
      return known.agentPackage
    },
    clock: { now: () => now },
    log: { warn: (words: (typeof warned)[number]) => void warned.push(words) } as never
  })
  const signed = () => statements.current?.answer.statement ?? ''
  return {
    state,
    pin,
    statements,
    known,
    warned,
    pass: (milliseconds: number) => {
      now = new Date(now.getTime() + milliseconds)
    },
    signed,
    current: (): SignedAnswer => {
      if (statements.current === undefined) throw new Error('nothing is signed')
      return statements.current
    },
    /** Looks, and opens what is signed then. */
    look: async () => {
      await statements.look()
      return (await openStatement(signed(), [pin])).statement
    }
  }
}

t.test('a server signs what it knows by itself', async (t) => {
  const { known, pin, look, current } = await open(t)
  t.same(await look(), { issued: '2026-11-27T12:00:00Z', server, ...facts, version })
  known.others = [url(2), url(3)]
  known.agentPackage = { sha256: 'a'.repeat(64), size: 5 }
  t.match(await look(), { servers: [url(2), url(3)], package: known.agentPackage })
  const { answer, digest } = current()
  t.equal(digest, digestOf(answer))
  await openStatement(answer.statement, [pin], new Date())
})

t.test('it signs again when something changes, and each ten minutes, and not for each answer', async (t) => {
  const { statements, known, look, pass, signed } = await open(t)
  await look()
  const first = signed()
  pass(statementTimes.renewed - 1)
  await statements.look()
  t.equal(signed(), first)
  pass(1)
  t.equal((await look()).issued, '2026-11-27T12:10:00Z')
  pass(minute)
  known.others = [url(2)]
  t.equal((await look()).issued, '2026-11-27T12:11:00Z')
  pass(-statementTimes.renewed)
  t.equal((await look()).issued, '2026-11-27T12:01:00Z', 'a clock that was set back')
})

t.test('Kubernetes shows a statement for an hour, unless it says something else by then', async (t) => {
  const { statements, known, look, pass, signed } = await open(t)
  t.equal(statements.shown, undefined)
  await look()
  const first = signed()
  t.equal(statements.shown?.statement, first)
  pass(statementTimes.shown - 1)
  await look()
  t.not(signed(), first)
  t.equal(statements.shown?.statement, first)
  pass(statementTimes.renewed)
  await look()
  const second = statements.shown?.statement
  t.not(second, first)
  pass(10 * minute)
  known.others = [url(2)]
  await look()
  t.equal(statements.shown?.statement, signed())
  known.others = undefined
  await statements.look()
  t.equal(statements.shown, undefined)
})

t.test('the endpoint in the configuration is the word of root, too', async (t) => {
  const { look } = await open(t, 'api.example.org:6443')
  t.match(await look(), { apiEndpoint: 'api.example.org:6443' })
})

t.test('without what setup fixes, or before it has looked for others, a server signs nothing', async (t) => {
  const { state, statements, known, look } = await open(t)
  known.others = undefined
  await statements.look()
  t.equal(statements.current, undefined)
  known.others = []
  await look()
  t.same(statements.remedies, [])
  await rm(join(state, 'kubeconfig'))
  await statements.look()
  t.equal(statements.current, undefined)
  t.match(statements.remedies, [/; joinery-server setup --kubeconfig \/etc\/kubernetes\/admin\.conf$/])
  await fixFacts({ state, credential: 'token' }, { ...facts, apiEndpoint: 'two words' })
  await statements.look()
  t.equal(statements.current, undefined)
})

t.test('a server whose setup another version made, or for another configuration, says so and signs', async (t) => {
  const { state, statements, look } = await open(t)
  for (const facts_ of [
    { ...facts, setup: 'another' },
    { ...facts, setup: undefined }
  ] as FixedFacts[]) {
    await fixFacts({ state, credential: 'token' }, facts_)
    t.ok(await look())
    t.match(statements.remedies, [
      /^The setup of this host is of another version .*; joinery-server setup --kubeconfig/
    ])
  }
  await fixFacts({ state, credential: 'token', diagnosis: 'on' }, facts)
  await look()
  t.match(statements.remedies, { length: 1 }, 'diagnosis was switched off, or was on before')
  await fixFacts({ state, credential: 'token' }, facts)
  await look()
  t.same(statements.remedies, [])
})

t.test('the log has once what is lacking of the setup', async (t) => {
  const { state, statements, warned } = await open(t)
  await fixFacts({ state, credential: 'token' }, { ...facts, setup: 'another' })
  await statements.look()
  await statements.look()
  const remedy = 'joinery-server setup --kubeconfig /etc/kubernetes/admin.conf'
  t.same(warned, [{ problem: 'setup-outdated', remedy }])
  await rm(join(state, 'kubeconfig'))
  await statements.look()
  t.same(warned.slice(1), [{ problem: 'setup-missing', remedy }])
})

t.test('a package that cannot be read is not in it', async (t) => {
  const { known, look } = await open(t)
  known.agentPackage = new Error('it is gone')
  t.notOk('package' in (await look()))
})

t.test('it signs with a certificate that another program renewed, and never with half of one', async (t) => {
  const { state, statements, look, signed, warned } = await open(t)
  await look()
  const first = signed()
  const other = await serverHost(t)
  await copyFile(join(other.folder, 'server', 'tls.key'), join(state, 'tls.key'))
  await statements.look()
  await statements.look()
  t.equal(signed(), first, 'the key alone is there: what was signed stays')
  t.match(warned, [{ reason: /do not belong together/ }])
  t.equal(warned.length, 1)
  await copyFile(join(other.folder, 'server', 'tls.crt'), join(state, 'tls.crt'))
  await statements.look()
  t.equal(signed(), first, 'a certificate by another CA')
  await copyFile(join(other.folder, 'server', 'ca.crt'), join(state, 'ca.crt'))
  await statements.look()
  t.match(await openStatement(signed(), [other.pin]), { statement: { server } })
})

t.test('the next pin is in the answer if the CA has signed it, and only then', async (t) => {
  const { state, statements, pin, look, current } = await open(t)
  const read = (file: string) => readFile(join(state, file), 'utf8')
  const next = readKeyPair(makeKey())
  const issuer = { key: readKeyPair(await read('ca.key')).privateKey, authority: await read('ca.crt') }
  const nextPin = fingerprint(next.publicKey)
  await writeFile(join(state, 'ca-next.crt'), 'made by a program from before signed pins')
  await look()
  t.notOk('nextPin' in current().answer)
  t.match(statements.remedies, [/not signed.*joinery-server rotate-ca/])
  await writeFile(join(state, nextPinFile), await signNextPin(nextPin, issuer))
  await look()
  t.same(statements.remedies, [])
  const { answer, digest } = current()
  t.equal(await openNextPin(answer.nextPin ?? '', pin), nextPin)
  t.equal(digest, digestOf(answer))
  const own = { key: next.privateKey, authority: await makeAuthority(next, new Date()) }
  await writeFile(join(state, nextPinFile), await signNextPin(nextPin, own))
  await look()
  t.notOk('nextPin' in current().answer, 'a thief signs with another key')
  await writeFile(join(state, nextPinFile), `${answer.nextPin}\n`)
  await look()
  t.equal(current().answer.nextPin, answer.nextPin)
  await rm(join(state, nextPinFile))
  await look()
  t.notOk('nextPin' in current().answer)
})

t.test('more servers than a statement has room for: the first ones are in it', async (t) => {
  const { known, look } = await open(t)
  known.others = Array.from({ length: 16 }, (_, index) => `https://${'x'.repeat(240)}${index}:7443`)
  const { servers = [] } = await look()
  t.same(servers, known.others.slice(0, servers.length))
  t.ok(servers.length >= 5 && servers.length < 16, `${servers.length}`)
})
