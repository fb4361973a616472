import { type State, states } from '@joinery/protocol'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import {
  claimantOf,
  conflictOf,
  formerOf,
  holderOf,
  nodeOwnerOf,
  othersThan,
  ownersOf,
  takenBy
} from '../../../../src/core/enrolment/name/whose-name.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'

const own = anEnrolment('own')
const attempts = [{ number: 1, claimed: '', deadline: '', refusedCsrs: [] }]

/** Of another enrolment in this state: what it is for the name. `after`: if it had claimed. */
const table: Record<
  State,
  {
    before: 'refuses' | 'shown' | 'neither'
    after?: 'refuses'
    is?: 'holder' | 'claimant'
    node: 'owner' | 'former'
  }
> = {
  pending: { before: 'shown', node: 'former' },
  approved: { before: 'refuses', is: 'holder', node: 'owner' },
  joining: { before: 'refuses', is: 'claimant', node: 'owner' },
  joined: { before: 'refuses', is: 'claimant', node: 'owner' },
  ready: { before: 'refuses', is: 'claimant', node: 'owner' },
  recovering: { before: 'refuses', is: 'claimant', node: 'owner' },
  frozen: { before: 'shown', after: 'refuses', node: 'former' },
  failed: { before: 'neither', node: 'owner' },
  expired: { before: 'neither', node: 'former' },
  rejected: { before: 'neither', node: 'former' },
  removed: { before: 'neither', node: 'former' }
}

for (const state of states) {
  const { before, after = before, is, node } = table[state]
  t.test(`another enrolment of the name that is ${state} ${before}, and after a claim ${after}`, async (t) => {
    for (const [expected, part] of [
      [before, {}],
      [after, { join: { attempts } }]
    ] as const) {
      const named = [own, anEnrolment('other', { state }, part)]
      const words = `enrolment other (${state})`
      t.equal(takenBy(own, named), expected === 'refuses' ? words : undefined, JSON.stringify(part))
      t.equal(conflictOf(own, named), expected === 'neither' ? undefined : words, JSON.stringify(part))
    }
  })

  t.test(
    `an enrolment that is ${state} is ${is ?? 'neither holder nor claimant'}, and ${node} of a Node`,
    async (t) => {
      const other = anEnrolment('other', { state, join: { attempts } })
      t.equal(holderOf([own, other])?.id, is === undefined ? undefined : 'other')
      t.equal(claimantOf([own, other])?.id, is === 'claimant' ? 'other' : undefined)
      t.same(nodeOwnerOf([own, other]), { [node]: other })
      t.same(
        nodeOwnerOf([own, { ...other, join: { ...other.join, attempts: [] } }]),
        {},
        'only a claim can bring a Node'
      )
    }
  )
}

t.test('a holder of the name is named before a waiting enrolment, and nobody is in its own way', async (t) => {
  const named = [anEnrolment('waits'), own, anEnrolment('has', { state: 'ready' })]
  t.equal(conflictOf(own, named), 'enrolment has (ready)')
  t.equal(takenBy(own, [{ ...own, state: 'ready' }]), undefined)
  t.same(othersThan(own, named), [named[0], named[2]])
})

const owner = (...states: State[]): string | undefined =>
  ownersOf(states.map((state, index) => anEnrolment(`${index}`, { name: 'worker-1', state }))).get('worker-1')

t.test('a Node belongs to the holder, else to the newest that may register it, else to the newest', async (t) => {
  t.equal(owner('joining'), '0')
  t.equal(owner('rejected', 'joining'), '1')
  t.equal(owner('joined', 'failed'), '0', 'a holder before one that failed later')
  t.equal(owner('rejected', 'failed'), '1', 'not of one that must have none')
  t.equal(owner('failed', 'failed'), '1')
  t.equal(owner('rejected', 'frozen', 'expired', 'removed'), '3')
})

const csr = { name: 'csr-1', uid: 'u' }
const enrolment = (id: string, part: EnrolmentPart = {}) =>
  anEnrolment(id, { state: 'removed', join: { attempts: [{ csr }] } }, part)
const waits = enrolment('new', { state: 'pending', join: { attempts: [] } })
const former = (...others: EnrolmentDocument[]) => formerOf(waits, [...others, waits])

t.test('the newest enrolment that may hold a certificate is named, with the latest expiry', async (t) => {
  const attempts = [
    { csr, certificateExpires: '2027-01-02T00:00:00.000Z' },
    { csr, certificateExpires: '2027-01-01T00:00:00.000Z' }
  ]
  t.same(former(enrolment('a'), enrolment('b', { join: { attempts } })), {
    enrolment: 'b',
    certificateExpires: '2027-01-02T00:00:00.000Z'
  })
  t.same(former(enrolment('a')), { enrolment: 'a' }, 'its expiry is not known')
  t.same(former(enrolment('a', { join: { attempts: [{ issued: { serial: '0A', since: '' } }] } })), { enrolment: 'a' })
})

t.test('no enrolment is named if none got a certificate, or the machine is in the cluster', async (t) => {
  t.equal(former(), undefined)
  t.equal(former(enrolment('a', { join: { attempts: [{}] } })), undefined)
  t.equal(former(enrolment('a', { state: 'ready' })), undefined)
})

t.test('from the claim on no former enrolment is named', async (t) => {
  for (const state of ['joining', 'joined', 'ready'] as const) {
    t.equal(formerOf({ ...waits, state }, [enrolment('a')]), undefined, state)
  }
})
