import type { State } from '@joinery/protocol'
import t from 'tap'
import { ownersOf } from '../../../src/enrolment/name/owners.ts'
import type { EnrolmentDocument } from '../../../src/store/store.ts'

const owner = (...states: State[]): string | undefined =>
  ownersOf(states.map((state, index) => ({ name: 'worker-1', id: `${index}`, state }) as EnrolmentDocument)).get(
    'worker-1'
  )

t.test(
  'a Node is of the enrolment that holds its name, else of the newest that may register it, else of the newest',
  async (t) => {
    t.equal(owner('joining'), '0')
    t.equal(owner('rejected', 'joining'), '1')
    t.equal(owner('joined', 'failed'), '0', 'a holder before one that failed later')
    t.equal(owner('rejected', 'failed'), '1', 'not of one that must have none')
    t.equal(owner('failed', 'failed'), '1')
    t.equal(owner('rejected', 'frozen', 'expired', 'removed'), '3')
  }
)
