import t from 'tap'
import { Objects } from '../../src/objects/objects.ts'

t.test('of more than ten thousand changes the older half is forgotten', (t) => {
  const objects = new Objects(() => new Date('2026-01-01T00:00:00Z'))
  const leases = { group: 'coordination.k8s.io', plural: 'leases' }
  const lease = (holder: number) => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'a', namespace: 'b', uid: '', resourceVersion: '', creationTimestamp: '' },
    spec: { holderIdentity: String(holder) }
  })
  objects.create(leases, lease(0))
  const first = objects.revision
  for (let holder = 1; holder < 10_000; holder += 1) objects.replace(leases, lease(holder))
  t.equal(objects.changesAfter(first)?.length, 9_999)
  objects.replace(leases, lease(10_000))
  t.equal(objects.changesAfter(first), undefined, 'a watch from there is told 410')
  t.equal(objects.changesAfter(first + 5_000)?.length, 5_000)
  t.end()
})
