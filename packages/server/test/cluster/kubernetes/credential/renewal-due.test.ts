import t from 'tap'
import { renewalDue } from '../../../../src/cluster/kubernetes/credential/renewal-due.ts'

const now = new Date('2026-01-10T00:00:00Z')
const inHours = (hours: number) => new Date(now.getTime() + hours * 3600_000)

t.test('a token is renewed when less than three quarters of its lifetime are left, however long that is', async (t) => {
  const table: [issued: number, expires: number, due: boolean, name: string][] = [
    [0, 168, false, 'a week, new'],
    [-42, 126, false, 'a week, three quarters left'],
    [-43, 125, true, 'a week, less left'],
    [-0.25, 0.75, false, 'an hour, three quarters left'],
    [-0.3, 0.7, true, 'an hour, less left'],
    [-169, -1, true, 'one that has ended'],
    [1, 169, false, 'one of the future: the clock is behind']
  ]
  for (const [issued, expires, due, name] of table) {
    t.equal(renewalDue({ issued: inHours(issued), expires: inHours(expires) }, now), due, name)
  }
})
