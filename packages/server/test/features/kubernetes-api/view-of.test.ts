import { attemptLimit, noFacts, shortFingerprint, states, version } from '@joinery/protocol'
import { EnrolmentView, InstallationView, viewLimit } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import { fc } from '@joinery/testing/chance/drawn'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import { anyCharacter } from '@joinery/testing/texts/any-character'
import t from 'tap'
import { Value } from 'typebox/value'
import { makeAuthority } from '../../../src/core/keys/certificates.ts'
import { makeKey, readKeyPair } from '../../../src/core/keys/keys.ts'
import { observed } from '../../../src/features/kubernetes-api/conditions.ts'
import { installationView } from '../../../src/features/kubernetes-api/installation-view.ts'
import { type Beside, viewOf } from '../../../src/features/kubernetes-api/view-of.ts'

const key = `sha256:${'ab'.repeat(32)}`
const authority = await makeAuthority(readKeyPair(makeKey()), new Date('2026-01-01T00:00:00Z'))
const id = '6b6f7a39-5ad3-4f70-9a4b-0f2c5c1e9d11'
const nobody: Beside = { nameConflict: undefined, expires: undefined }
const one = (part: EnrolmentPart = {}) => anEnrolment(id, { key, name: 'worker-1' }, part)
const view = (part: EnrolmentPart = {}, beside: Partial<Beside> = {}) => viewOf(one(part), { ...nobody, ...beside })
/** Bytes of a view as the server writes it, for an object that a server of before wrote many times. */
const bytes = (of: EnrolmentView): number => Buffer.byteLength(JSON.stringify(observed(of, 1_000_000)))

t.test('a view shows what an approver needs to see, and is of the schema that kubectl explains', async (t) => {
  const found = view(
    {
      revision: 9,
      approval: { shownAt: 4 },
      facts: { os: 'Debian GNU/Linux 13', arch: 'x86_64', cpus: 2, memory: 2 ** 31, serial: 'S1', kubelet: 'v1.37.2' },
      preflight: [
        { name: 'swap', verdict: 'fail', finding: 'swap is on' },
        { name: 'clock', verdict: 'warn', finding: 'it is 2 s behind' },
        { name: 'ports', verdict: 'pass', finding: 'free' }
      ],
      conflict: { seen: [{}] },
      terms: {
        labels: { rack: 'r7' },
        taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }],
        policy: { ignore: ['mtu'], remediate: 'off' },
        recover: 'auto 99'
      },
      node: { uid: 'n1', condition: 'Ready' }
    },
    { nameConflict: 'enrolment 2 (pending)', expires: new Date('2026-01-08T00:00:00Z') }
  )
  const { conditions, ...rest } = found
  t.same(
    conditions?.map(({ type, status }) => [type, status]),
    [
      ['Approved', 'False'],
      ['Joined', 'False'],
      ['Ready', 'False']
    ]
  )
  t.same(rest, {
    state: 'pending',
    message: 'waiting for approval; preflight fails: swap',
    name: 'worker-1',
    role: 'worker',
    revision: 4,
    key,
    keyShort: shortFingerprint(key),
    address: '192.0.2.1',
    code: 'code',
    credential: 'token',
    created: '2026-01-01T00:00:00.000Z',
    since: '2026-01-01T00:00:00.000Z',
    expires: '2026-01-08T00:00:00.000Z',
    machine: { os: 'Debian GNU/Linux 13', arch: 'x86_64', cpus: 2, memory: 2 ** 31, serial: 'S1', kubelet: 'v1.37.2' },
    preflight: { fail: ['swap'], warn: ['clock'] },
    conflicts: 1,
    nameConflict: 'enrolment 2 (pending)',
    labels: { rack: 'r7' },
    taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }],
    policy: { ignore: ['mtu'], remediate: 'off' },
    recover: 'auto 99',
    node: { uid: 'n1', condition: 'Ready' }
  })
  const cause = { code: 'plugin-image', text: `the image ${'x'.repeat(200)}\u001b` } as const
  const caused = view({ diagnosis: { cause } })
  t.equal(caused.cause?.code, 'plugin-image')
  t.equal(caused.cause?.text.length, 128, 'it is cut, and has room in a view')
  t.ok(Value.Check(EnrolmentView, caused))
  for (const state of states) t.ok(Value.Check(EnrolmentView, view({ state })), state)
  t.same(view({ key: '', withoutAgent: true }).keyShort, '')
})

const gate = 'condition:example.org/Storage'
const waiting: EnrolmentPart = { state: 'ready', terms: { readyWhen: [gate] }, node: { uid: 'n1', condition: 'Ready' } }

t.test('a view shows what is missing until the Node is in service, and since when it is', async (t) => {
  const notYet = ['condition example.org/Storage of the Node is not True']
  const { message: _, ...waits } = view({ ...waiting, service: { node: 'n1', notYet } })
  t.match(waits, { notYet })
  t.notOk('inService' in waits)
  const since = '2026-01-01T00:05:00.000Z'
  const open = view({ ...waiting, service: { node: 'n1', opened: since, since } })
  t.match(open, { inService: since, message: /; in service$/ })
  t.notOk('notYet' in open)
  for (const one of [waits, open]) t.ok(Value.Check(EnrolmentView, { message: '', ...one }))
  const many = Array.from({ length: 9 }, (_, index) => `${'x'.repeat(300)}${index}`)
  const long = view({ ...waiting, service: { node: 'n1', notYet: many } })
  t.ok(bytes(long) <= viewLimit)
  t.ok(long.notYet?.length, 'one that is too long still says that something is missing')
})

const attempt = {
  number: 7,
  tokenId: 'abcdef',
  credentialCsr: 'csr-secret',
  failure: 'kubeadm failed',
  failedBy: 'server' as const
}

t.test('a view has no token id, no attempt number, no ciphertext and no sealed key', async (t) => {
  for (const state of states) {
    const text = JSON.stringify(
      view({
        state,
        role: 'control-plane',
        join: {
          lastAttempt: attemptLimit,
          grant: { sealed: 'ciphertext', until: '2026-01-01T00:15:00.000Z' },
          sealKey: 'sealkey.sealkey.sealkey',
          key: 'sha256:joinkey',
          attempts: [attempt]
        }
      })
    )
    for (const secret of ['abcdef', 'csr-secret', 'ciphertext', 'sealkey', 'joinkey']) t.notMatch(text, secret, state)
    t.notMatch(text, /attempt \d/, state)
  }
  t.match(view({ state: 'approved', join: { attempts: [attempt] } }).message, 'the last attempt failed: kubeadm failed')
})

t.test('what a heartbeat or a look at the machine changes in the document does not change the view', async (t) => {
  const node = { uid: 'n1', condition: 'NotReady', message: 'KubeletNotReady: PLEG was last seen 3m1s ago' } as const
  const check = { name: 'clock', verdict: 'warn', finding: 'it is 2 s behind' } as const
  const part: EnrolmentPart = { state: 'joined', revision: 3, approval: { shownAt: 2 }, node, preflight: [check] }
  const before = view(part)
  const changes: EnrolmentPart[] = [
    { revision: 4 },
    { node: { ...node, message: 'KubeletNotReady: PLEG was last seen 3m2s ago' } },
    { preflight: [{ ...check, finding: 'it is 3 s behind' }] },
    { diagnosis: { flap: { since: '2026-01-01T00:00:00.000Z', last: '2026-01-01T00:01:00.000Z', count: 3 } } },
    { conflict: { keySeen: '2026-01-01T00:01:00.000Z' } },
    { certificates: { serving: [{ name: 'csr-1', uid: 'u1' }] } },
    { join: { attempts: [{ refusedCsrs: ['u1'] }] } },
    { settled: true }
  ]
  for (const change of changes) t.same(view({ ...part, ...change }), before, JSON.stringify(change))
})

const nasty = '\u001b[31m\u202e\u0007\n"\\\u{1f600}'

t.test('a machine that calls itself by control characters is shown escaped', async (t) => {
  const facts = { os: nasty, arch: nasty, serial: nasty, kubelet: nasty }
  const found = view({ name: nasty, address: nasty, facts, reason: nasty, state: 'frozen' })
  t.match(JSON.stringify(found), /^[\x20-\x7e]*$/)
  t.match(found.machine.os, /^\\u\{1b\}\[31m\\u\{202e\}\\u\{7\}\\u\{a\}"/)
  t.ok(Value.Check(EnrolmentView, found))
})

t.test('a text of a megabyte is cut, and no escape is cut in two', async (t) => {
  const long = '\u202e'.repeat(1_000_000)
  const facts = { os: long, arch: long, serial: long, kubelet: long }
  const found = view({ name: long, address: long, code: long, facts, reason: long, state: 'rejected' })
  t.ok(bytes(found) <= viewLimit, `${bytes(found)} bytes`)
  t.match(found.machine.os, /^(\\u\{202e\})+$/)
  t.ok(Value.Check(EnrolmentView, found))
})

t.test('a view that is too long leaves out labels, then taints, then checks, and says so', async (t) => {
  const taint = (index: number) =>
    ({ key: `example.org/${'k'.repeat(60)}${index}`, value: 'v', effect: 'NoSchedule' }) as const
  const taints = Array.from({ length: 20 }, (_, index) => taint(index))
  const labels = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`example.org/rack-${index}`, 'x'.repeat(40)])
  )
  const labelled = view({ terms: { labels, taints: [taint(0)] } })
  t.notOk('labels' in labelled, 'a selector can tell that they are not known')
  t.ok('taints' in labelled)
  t.same(view().labels, {}, 'that there are none is known')
  const many = view({ terms: { taints } })
  t.notOk('taints' in many)
  t.equal(many.message, 'waiting for approval (cut; see joinery show)')
  const check = (index: number) => ({ name: `${'c'.repeat(60)}${index}`, verdict: 'fail' as const, finding: '' })
  const checks = view({ terms: { taints }, preflight: Array.from({ length: 40 }, (_, index) => check(index)) })
  t.notOk('taints' in checks)
  t.ok(checks.preflight.fail.length > 0 && checks.preflight.fail.length < 40, `${checks.preflight.fail.length} names`)
  t.match(checks.message, /\(cut; see joinery show\)$/)
  t.ok(bytes(checks) <= viewLimit)
})

/** An approval of another machine: everything differs from it. */
const approved = {
  at: '2026-01-01T00:00:00.000Z',
  revision: 10 ** 15,
  key: '',
  name: 'other',
  address: '',
  facts: { ...noFacts, machineId: 'm', productUuid: 'p', serial: 's', macs: ['52:54:00:00:00:01'] },
  preflight: []
}

t.test('whatever a machine says, the view is at most so long, and the API server takes it', async () => {
  const text = (maxLength: number) =>
    fc.oneof(
      fc.string({ unit: anyCharacter, maxLength }),
      fc.constantFrom('"', '\\', '\u202e', '\u0000').map((character) => character.repeat(maxLength))
    )
  const check = fc.record({
    name: text(64),
    verdict: fc.constantFrom('fail' as const, 'warn' as const),
    finding: text(64)
  })
  const label = fc.string({ unit: fc.constantFrom('a', '/'), maxLength: 317 })
  const taint = fc.record({ key: label, value: text(63), effect: fc.constant('NoSchedule' as const) })
  fc.assert(
    fc.property(
      fc.record({
        state: fc.constantFrom(...states),
        name: text(253),
        address: text(45),
        code: text(64),
        reason: text(600),
        preflight: fc.array(check, { maxLength: 45 }),
        terms: fc.record({
          taints: fc.array(taint, { maxLength: 20 }),
          policy: fc.record({
            ignore: fc.array(text(64), { maxLength: 100 }),
            remediate: fc.constant('safe' as const)
          }),
          recover: fc.constant('auto 99'),
          readyWhen: fc.constant<string[]>([gate])
        }),
        conflict: fc.constant({ seen: [{}] }),
        service: fc.record({ node: fc.constant('u'.repeat(64)), notYet: fc.array(text(500), { maxLength: 9 }) }),
        takenBack: fc.record({ by: text(300) }),
        diagnosis: fc.record({
          cause: fc.record({ code: fc.constant('serving-certificate-pending' as const), text: text(256) })
        })
      }),
      fc.record({ os: text(128), arch: text(32), serial: text(128), kubelet: text(64) }),
      text(300),
      ({ takenBack, ...part }, facts, nameConflict) => {
        const found = view(
          {
            ...part,
            approval: { evidence: approved, takenBack },
            facts: { ...noFacts, ...facts },
            node: { uid: 'u'.repeat(64), condition: 'NotReady' }
          },
          { nameConflict, expires: new Date(0) }
        )
        return bytes(found) <= viewLimit && Value.Check(EnrolmentView, found)
      }
    ),
    { endOnFailure: true, numRuns: 60 }
  )
})

t.test('the longest that a machine can make of its view is within the limit', async (t) => {
  const [quotes, escapes] = ['"', '\u202e'].map((character) => character.repeat(1_000))
  for (const long of [quotes, escapes] as [string, string]) {
    const checks = Array.from({ length: 45 }, () => ({ name: 'c'.repeat(64), verdict: 'fail' as const, finding: '' }))
    const machine = { os: long, arch: long, serial: long, kubelet: long }
    const asked = {
      at: '2026-01-02T00:00:00.000Z',
      address: long,
      reason: 'expired' as const,
      notAfter: '2026-01-01T00:00:00.000Z',
      joinKey: key,
      facts: { ...noFacts, machineId: 'n', productUuid: 'q', serial: 't', macs: ['52:54:00:00:00:02'] },
      bootId: 'b'
    }
    const since = '2026-01-02T00:00:00.000Z'
    for (const recovery of [undefined, { state: 'frozen' as const, since, why: long, asked, other: asked }])
      for (const state of states) {
        const found = view(
          {
            state,
            name: long,
            address: long,
            code: id,
            reason: long,
            facts: { ...noFacts, ...machine },
            preflight: checks,
            conflict: { seen: [{}] },
            terms: {
              policy: { ignore: checks.map(({ name }) => name), remediate: 'runtime' },
              recover: 'auto 99',
              readyWhen: [gate]
            },
            service: { node: 'u'.repeat(64), notYet: Array.from({ length: 9 }, () => long) },
            approval: { takenBack: { by: long }, evidence: approved },
            diagnosis: { cause: { code: 'serving-certificate-pending', text: long } },
            node: { uid: 'u'.repeat(64), condition: 'NotReady' },
            ...given({ recovery })
          },
          { nameConflict: long, expires: new Date(0) }
        )
        t.ok(bytes(found) <= viewLimit, `${state}: ${bytes(found)} bytes`)
        t.ok(Value.Check(EnrolmentView, found), state)
      }
  }
})

t.test('the installation shows what user-data has of the server', async (t) => {
  const identity = { server: 'https://10.0.0.1:7443', pin: key, certificateAuthority: authority }
  const found = installationView(
    identity,
    { server: 'https://10.0.0.1:6443' },
    { sha256: 'a'.repeat(64), size: 5 },
    undefined
  )
  const { conditions, ...rest } = found
  t.same(rest, { ...identity, apiEndpoint: '10.0.0.1:6443', package: { sha256: 'a'.repeat(64), size: 5 }, version })
  t.match(conditions, [{ type: 'Ready', status: 'False', reason: 'NotSigned' }], 'nobody may trust what is not signed')
  t.ok(Value.Check(InstallationView, found))
  t.notOk('package' in installationView(identity, { server: 'https://10.0.0.1' }, undefined, undefined))
  const signed = installationView(identity, { server: 'https://10.0.0.1' }, undefined, {
    statement: 'a.b.c',
    nextPin: 'd.e.f'
  })
  t.match(signed, { statement: 'a.b.c', signedNextPin: 'd.e.f' })
  // the CA begins a day before it was made
  const since = '2025-12-31T00:00:00Z'
  t.match(signed.conditions, [{ type: 'Ready', status: 'True', reason: 'Signed', lastTransitionTime: since }])
  t.ok(Value.Check(InstallationView, signed))
})

t.test('a way back is shown within the schema and the limit, whatever the machine says', async (t) => {
  const long = '\u001b'.repeat(500)
  const asked = {
    at: '2026-01-02T00:00:00.000Z',
    address: '192.0.2.9',
    reason: 'expired' as const,
    notAfter: '2026-01-01T00:00:00.000Z',
    joinKey: key,
    facts: { ...noFacts, machineId: long.slice(0, 64), serial: long.slice(0, 128), macs: ['a'] },
    bootId: long.slice(0, 64)
  }
  const since = '2026-01-02T00:00:00.000Z'
  const shown = (state: 'waiting' | 'refused' | 'frozen' | 'over') =>
    view({
      state: 'recovering',
      facts: { os: long.slice(0, 128), serial: long.slice(0, 128), kubelet: long.slice(0, 64) },
      preflight: Array.from({ length: 100 }, () => ({ name: 'x'.repeat(64), verdict: 'fail' as const, finding: '' })),
      recovery: { state, since, why: long, asked, other: asked, notReadySince: since }
    })
  for (const state of ['waiting', 'refused', 'frozen'] as const) {
    const found = shown(state)
    t.ok(Value.Check(EnrolmentView, found), JSON.stringify([...Value.Errors(EnrolmentView, found)]))
    t.ok(bytes(found) <= viewLimit, `${bytes(found)} bytes`)
    const changed = ['machineId', 'macs', 'address']
    t.match(found.recovery, {
      state,
      certificate: 'expired',
      address: '192.0.2.9',
      addressBefore: '192.0.2.1',
      changed
    })
    t.notMatch(JSON.stringify(found), '\\u001b')
  }
  t.equal(shown('over').recovery, undefined, 'what is over is no news')
})
