import { aCode } from '@joinery/testing/documents/code'
import { anAttempt, anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { codeView, operatorView, ownView } from '../../../src/core/enrolment/views.ts'

const now = new Date('2026-01-01T00:00:00Z')
const surroundings = { nameConflict: undefined, former: undefined, expires: undefined, trouble: undefined }
/** A field that no response schema names, as a later version of the server may keep one. */
const internal = { noSchemaNamesIt: 'CANARY' }
const enrolment = anEnrolment('e', {
  ...internal,
  join: { attempts: [{ ...anAttempt('abcdef'), ...internal }] },
  certificates: { serving: [{ name: 'csr-1', uid: 'u', ...internal }] }
})

t.test('a field that no response schema names is in no view', async (t) => {
  for (const [what, view] of Object.entries({
    'of an operator': operatorView(enrolment, surroundings),
    'of its agent': ownView(enrolment),
    'of a code': codeView({ ...aCode('c'), ...internal }, now)
  })) {
    t.notMatch(JSON.stringify(view), 'CANARY', what)
  }
})

t.test('an operator sees the fields of the schema, and none of the server’s own notes', async (t) => {
  const view = operatorView(
    {
      ...enrolment,
      join: {
        ...enrolment.join,
        lastAttempt: 3,
        grant: { sealed: 'secret', until: '2026-01-01T00:15:00.000Z' },
        agentReady: { at: '2026-01-01T00:05:00.000Z', certificate: { fingerprint: 'f', serial: '01' } },
        attempts: [{ ...anAttempt('abcdef'), expires: 'by the clock of the cluster', csr: { name: 'csr-2', uid: 'u' } }]
      },
      reason: 'because',
      approval: { ...enrolment.approval, shownAt: 0 },
      settled: true,
      certificates: { ...enrolment.certificates, nameBanned: true },
      conflict: { ...enrolment.conflict, borrowed: ['x'] }
    },
    surroundings
  )
  t.same(Object.keys(view).sort(), [
    'address',
    'agentReady',
    'attempts',
    'code',
    'conflicts',
    'created',
    'credential',
    'facts',
    'granted',
    'id',
    'key',
    'message',
    'name',
    'preflight',
    'revision',
    'role',
    'servingCsrs',
    'since',
    'state'
  ])
  t.equal(view.agentReady, '2026-01-01T00:05:00.000Z')
  t.equal(view.granted, '2026-01-01T00:15:00.000Z')
  t.same(view.servingCsrs, [{ name: 'csr-1' }])
  t.same(Object.keys(view.attempts[0] ?? {}).sort(), ['claimed', 'csr', 'deadline', 'number', 'tokenId'])
  t.equal(view.attempts[0]?.csr, 'csr-2')
})

t.test('an enrolment without requests for serving certificates shows none', async (t) => {
  t.notOk(
    'servingCsrs' in
      operatorView({ ...enrolment, certificates: { ...enrolment.certificates, serving: [] } }, surroundings)
  )
})

t.test('the first cause is told to operators, and not to the machine: it may name another Node', async (t) => {
  const cause = { code: 'pod-cidr-missing', text: 'the network of its Pods is also that of Node worker-2' } as const
  for (const state of ['joined', 'ready'] as const) {
    const one = anEnrolment('e', {
      state,
      join: { attempts: [{}] },
      node: { condition: 'NotReady' },
      diagnosis: { cause }
    })
    t.match(operatorView(one, surroundings), { cause, message: /worker-2/ }, state)
    t.notMatch(JSON.stringify(ownView(one)), 'worker-2', state)
  }
})
