import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type EnrolmentDetail, fingerprint, type GrantRequest, ProblemError, shortFingerprint } from '@joinery/protocol'
import { sharedFiles, signSealKey, unseal } from '@joinery/protocol/seal'
import { detail } from '@joinery/testing/command/fixtures'
import { type Answers, runWith, serveOperators } from '@joinery/testing/command/operators'
import t, { type Test } from 'tap'
import type { Terminal } from '../../src/terminal/terminal.ts'

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const [machine, sealPair, thief] = [pair(), pair(), pair()]
const key = fingerprint(machine.publicKey)
const signedBy = (by: typeof machine) =>
  signSealKey(sealPair.publicKey, createPrivateKey(by.privateKey.export({ type: 'pkcs8', format: 'pem' })))
const shown: EnrolmentDetail = {
  ...detail,
  name: 'cp-2',
  role: 'control-plane',
  state: 'approved',
  key,
  sealKey: await signedBy(machine),
  controlPlanes: 1,
  etcd: 'stacked'
}
const textOf = (name: string) => `text of ${name}`
const stackedHost = [
  ...sharedFiles.always,
  ...sharedFiles.stacked,
  'apiserver-etcd-client.crt',
  'apiserver-etcd-client.key'
]

/** A folder with these files, as a control-plane host has them. */
const pkiWith = (t: Test, names: readonly string[] = stackedHost): string => {
  const folder = t.testdir({})
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), textOf(name))
  }
  return folder
}
const granted = { ...shown, granted: '2026-11-25T12:15:00.000Z' }
const answers = (more: Partial<EnrolmentDetail> = {}): Answers => ({
  show: () => ({ ...shown, ...more }),
  approve: () => ({ ...shown, ...more, state: 'approved' }),
  grant: () => granted
})
const joinery = async (t: Test, serves: Answers, terminal: Partial<Terminal>, ...words: string[]) => {
  const { socket, calls } = await serveOperators(t, serves)
  return { ...(await runWith(words, { ...terminal, socket })), calls }
}
const unsealed = (body: unknown) => unseal((body as GrantRequest).sealed, sealPair.privateKey, 'e1')
const filesOf = (...names: string[]) => Object.fromEntries(names.map((name) => [name, textOf(name)]))

/** Somebody who reads at the console what the machine shows there, and types it. */
const reads = async () => shortFingerprint(key)

t.test('grant seals the shared keys to the machine that was shown, after the operator typed its key', async (t) => {
  const asked: string[] = []
  const ask = async (question: string) => {
    asked.push(question)
    return reads()
  }
  const { exitCode, out, err, calls } = await joinery(t, answers(), { pki: pkiWith(t), ask }, 'grant', 'cp-2')
  t.equal(exitCode, 0, err)
  t.equal(out, 'enrolment/cp-2 granted\n')
  t.match(
    err,
    /^Name: +cp-2\n[\s\S]*\netcd: +two stacked etcd members tolerate no loss: [\s\S]*\ncp-2 gets the keys of the cluster: .*\nNext: joinery show cp-2\n$/
  )
  t.same(asked, ['Type the key that the console of cp-2 shows: '])
  // who could copy it from here would not look at the machine
  for (const form of [key, key.slice('sha256:'.length), shortFingerprint(key)]) t.notOk(err.includes(form), form)
  t.match(calls[1], { route: 'grant', reference: 'e1', body: { key, sealKey: shown.sealKey } })
  t.same(await unsealed(calls[1]?.body), filesOf(...sharedFiles.always, ...sharedFiles.stacked))
  t.notMatch(`${out}${err}${JSON.stringify(calls)}`, 'text of')
})

t.test('grant seals the client of external etcd, if the server says so or the host has it', async (t) => {
  const { etcd: _, ...unsaid } = shown
  const cases: [string, string[], EnrolmentDetail][] = [
    ['said', stackedHost, { ...shown, etcd: 'external' }],
    ['seen', [...sharedFiles.always, ...sharedFiles.external], unsaid]
  ]
  for (const [what, names, one] of cases) {
    const pki = pkiWith(t, names)
    const { err, calls } = await joinery(t, { ...answers(), show: () => one }, { pki }, 'grant', 'cp-2', '--key', key)
    t.same(await unsealed(calls[1]?.body), filesOf(...sharedFiles.always, ...sharedFiles.external), what)
    if (what === 'said') t.match(err, /etcd is external/, what)
  }
})

t.test('grant needs a terminal or --key, and grants nothing if the key is not typed whole', async (t) => {
  const pki = pkiWith(t)
  const mute = await joinery(t, answers(), { pki }, 'grant', 'cp-2')
  t.match(mute, { exitCode: 2, err: /nothing is granted; there is no terminal.*\nremedy: .*--key KEY/ })
  const yes = await joinery(t, answers(), { pki }, 'grant', 'cp-2', '--yes')
  t.match(yes, { exitCode: 2, err: /unknown option '--yes'/ })
  const short = shortFingerprint(key)
  for (const [typed, why] of [
    ['', /that is no key/],
    ['y', /that is no key/],
    ['cp-2', /that is no key/],
    [
      short.slice(0, 9),
      /that is no key, because a key has at least 20 hex digits\nremedy: on the machine: joinery-agent status/
    ],
    [
      '4f1c-22ab-0000-0000-0000',
      /the machine that the server shows as cp-2 has another key\nremedy: .*joinery reject cp-2/
    ]
  ] as const) {
    const no = await joinery(t, answers(), { pki, ask: async () => typed }, 'grant', 'cp-2')
    t.match(no, { exitCode: 1, err: why }, typed)
    t.notOk(no.err.includes(short), 'the key is told to nobody who did not read it')
    t.same(
      no.calls.map(({ route }) => route),
      ['show'],
      typed
    )
  }
})

t.test('--key of grant takes each form in which a key is shown', async (t) => {
  const hex = key.slice('sha256:'.length)
  for (const form of [key, hex, hex.toUpperCase(), shortFingerprint(key), shortFingerprint(key).replaceAll('-', '')]) {
    const { exitCode, err } = await joinery(t, answers(), { pki: pkiWith(t) }, 'grant', 'cp-2', '--key', form)
    t.equal(exitCode, 0, `${form}: ${err}`)
  }
})

const refused: [what: string, more: Partial<EnrolmentDetail>, exitCode: number, err: RegExp, ...words: string[]][] = [
  ['a worker', { role: 'worker' }, 6, /joins as a worker/],
  ['an enrolment that is pending', { state: 'pending' }, 6, /before it is approved\nremedy: joinery approve cp-2/],
  ['a machine that joins already', { state: 'joining' }, 6, /cp-2 is joining/],
  [
    'a machine with another key than the given one',
    {},
    6,
    /has another key: sha256:/,
    '--key',
    `sha256:${'a'.repeat(64)}`
  ],
  ['a key of 32 bits', {}, 2, /at least 20 hex digits/, '--key', '4f1c-22ab'],
  ['a seal key that the machine did not sign', { sealKey: await signedBy(thief) }, 6, /not signed with its machine key/]
]
for (const [what, more, exitCode, text, ...words] of refused) {
  t.test(`grant refuses ${what}, and sends nothing`, async (t) => {
    const given = words.length > 0 ? words : ['--key', key]
    const result = await joinery(t, answers(more), { pki: pkiWith(t) }, 'grant', 'cp-2', ...given)
    t.match(result, { exitCode, err: text })
    t.notOk(result.calls.some(({ route }) => route === 'grant'))
  })
}

t.test('grant refuses an agent that sends no seal key', async (t) => {
  const { sealKey: _, ...old } = shown
  const serves = { ...answers(), show: () => old }
  t.match(await joinery(t, serves, { pki: pkiWith(t) }, 'grant', 'cp-2', '--key', key), { exitCode: 6, err: /too old/ })
})

t.test('grant on a host without the keys says what is missing, and where to run it', async (t) => {
  const elsewhere = await joinery(t, answers(), { pki: join(t.testdir({}), 'pki') }, 'grant', 'cp-2', '--key', key)
  t.match(elsewhere, { exitCode: 1, err: /no control-plane host: .*ca\.crt is not there\nremedy: run it as root on a/ })
  const pki = pkiWith(t)
  rmSync(join(pki, 'ca.key'))
  rmSync(join(pki, 'etcd/ca.key'))
  const external = await joinery(t, answers(), { pki }, 'grant', 'cp-2', '--key', key)
  t.match(external, {
    exitCode: 1,
    err: /stacked etcd needs files that are not on this host: \S+\/ca\.key, \S+etcd\/ca\.key\n/
  })
  for (const { calls } of [elsewhere, external])
    t.same(
      calls.map(({ route }) => route),
      ['show']
    )
})

t.test(
  'grant by another user says that it needs root',
  { skip: process.getuid?.() === 0 && 'root may read everything' },
  async (t) => {
    const pki = pkiWith(t)
    chmodSync(join(pki, 'ca.key'), 0)
    t.match(await joinery(t, answers(), { pki }, 'grant', 'cp-2', '--key', key), { exitCode: 4, err: /run it as root/ })
  }
)

t.test('grant does not send keys that are too large', async (t) => {
  const pki = pkiWith(t)
  writeFileSync(join(pki, 'ca.crt'), 'x'.repeat(65_536))
  const { exitCode, err, calls } = await joinery(t, answers(), { pki }, 'grant', 'cp-2', '--key', key)
  t.equal(exitCode, 1)
  t.match(err, /too large to be granted/)
  t.equal(calls.length, 1)
})

const routes = (calls: readonly { route: string }[]) => calls.map(({ route }) => route)

t.test('approve by root on a control-plane host also grants, if the key of the machine is typed', async (t) => {
  const asked: string[] = []
  const ask = async (question: string) => {
    asked.push(question)
    return reads()
  }
  const here = await joinery(t, answers({ state: 'pending' }), { pki: pkiWith(t), ask }, 'approve', 'cp-2')
  t.same(asked, ['Type the key that the console of cp-2 shows: '])
  t.same(routes(here.calls), ['show', 'approve', 'grant'])
  t.equal(here.out, 'enrolment/cp-2 approved and granted\n')
  t.match(here.err, /two stacked etcd members tolerate no loss.*\nNext: joinery show cp-2\n$/s)
  t.notOk(here.err.includes(shortFingerprint(key)))
})

t.test('a yes in place of the key neither approves nor grants', async (t) => {
  for (const typed of ['y', '', '4f1c-22ab-0000-0000-0000']) {
    const terminal = { pki: pkiWith(t), ask: async () => typed }
    const result = await joinery(t, answers({ state: 'pending' }), terminal, 'approve', 'cp-2')
    t.match(result, { exitCode: 1, out: '', err: /error: nothing is approved: / }, JSON.stringify(typed))
    t.same(routes(result.calls), ['show'], JSON.stringify(typed))
  }
})

t.test('approve that does not ask for the key approves, and grants nothing', async (t) => {
  const pending = answers({ state: 'pending' })
  for (const words of [['--yes'], ['--revision', '3'], ['--key', key]]) {
    const { out, err, calls } = await joinery(t, pending, { pki: pkiWith(t) }, 'approve', 'cp-2', ...words)
    t.same(routes(calls), ['show', 'approve'], words.join(' '))
    t.equal(out, 'enrolment/cp-2 approved\n', words.join(' '))
    t.match(err, /Next: sudo joinery (--socket \S+ )?grant cp-2 +on a control-plane host\n$/, words.join(' '))
  }
})

t.test('approve of a worker, or on another host, asks yes or no, and says what to type next', async (t) => {
  const ask = async () => 'y'
  const pending = answers({ state: 'pending' })
  const elsewhere = await joinery(t, pending, { pki: '/nowhere', ask }, 'approve', 'cp-2')
  t.same(routes(elsewhere.calls), ['show', 'approve'])
  t.match(elsewhere, {
    out: 'enrolment/cp-2 approved\n',
    err: /Next: sudo joinery (--socket \S+ )?grant cp-2 +on a control-plane host\n$/
  })
  const worker = await joinery(t, answers({ role: 'worker' }), { pki: pkiWith(t), ask }, 'approve', 'cp-2')
  t.same(routes(worker.calls), ['show', 'approve'])
})

t.test('approve --replace grants too, if the key of the machine is typed', async (t) => {
  const serves = { ...answers({ state: 'pending' }), list: () => ({ items: [] }), holder: () => ({ pods: [] }) }
  const typed = { pki: pkiWith(t), ask: reads }
  const { out, calls } = await joinery(t, serves, typed, 'approve', 'cp-2', '--replace')
  t.equal(out, 'enrolment/cp-2 approved and granted\n')
  t.equal(calls.at(-1)?.route, 'grant')
  const yes = await joinery(t, serves, { pki: pkiWith(t) }, 'approve', 'cp-2', '--replace', '--yes')
  t.equal(yes.out, 'enrolment/cp-2 approved\n')
  t.notOk(routes(yes.calls).includes('grant'))
})

t.test('a grant that the server refuses is an error, and the approval stands', async (t) => {
  const serves: Answers = {
    ...answers(),
    grant: () => {
      throw new ProblemError('revision-changed', { detail: 'another key now' })
    }
  }
  const { exitCode, err, calls } = await joinery(t, serves, { pki: pkiWith(t), ask: reads }, 'approve', 'cp-2')
  t.same([exitCode, routes(calls)], [6, ['show', 'approve', 'grant']])
  t.match(err, /another key now \(revision-changed\)/)
})

t.test('show says until when the keys are granted', async (t) => {
  const { out, err } = await joinery(t, answers(), {}, 'show', 'cp-2')
  t.match(out, /^Granted: +<no>\netcd: +two stacked etcd members tolerate no loss/m)
  t.match(err, /^Next: sudo joinery (--socket \S+ )?grant cp-2/)
  const after = await joinery(t, { show: () => granted }, {}, 'show', 'cp-2')
  t.match(after.out, /^Granted: +until 2026-11-25T12:15:00Z$/m)
})

const members: [controlPlanes: number | undefined, etcd: EnrolmentDetail['etcd'], said: RegExp | undefined][] = [
  [1, 'stacked', /^two .* tolerate no loss/],
  [2, 'stacked', /^3 stacked etcd members tolerate the loss of 1$/],
  [3, 'stacked', /^4 .* the loss of 1, as 3 do: add another one soon$/],
  [4, 'stacked', /^5 stacked etcd members tolerate the loss of 2$/],
  [1, 'external', /^etcd is external/],
  [1, undefined, undefined],
  [undefined, 'stacked', undefined]
]
for (const [controlPlanes, etcd, said] of members) {
  t.test(`approve says what etcd tolerates: ${controlPlanes} control planes, etcd ${etcd}`, async (t) => {
    const { etcdMembers } = await import('../../src/output/etcd-members.ts')
    const { controlPlanes: _, etcd: __, ...bare } = shown
    const text = etcdMembers({
      ...bare,
      ...(controlPlanes !== undefined && { controlPlanes }),
      ...(etcd !== undefined && { etcd })
    })
    if (said === undefined) t.equal(text, undefined)
    else t.match(text, said)
  })
}
