import { ProblemError } from '@joinery/protocol'
import t from 'tap'
import { type Findings, remedies } from '../../../src/front/status/remedies.ts'

const now = new Date('2026-01-10T00:00:00Z')
const inDays = (days: number) => new Date(now.getTime() + days * 24 * 3600_000)

const well: Findings = {
  failing: [],
  clusterNow: now,
  clockAhead: undefined,
  credential: { issued: inDays(-1), expires: inDays(6) },
  leaf: { expires: inDays(300) },
  state: '/var/lib/joinery-server'
}

t.test('a server that is well, or in rehearsal without a token, needs nobody', async (t) => {
  t.same(remedies(well, now), [])
  t.same(remedies({ ...well, credential: undefined }, now), [])
})

t.test('a token with less than a quarter left was not renewed, however long it lasts', async (t) => {
  const table: [issued: number, expires: number, wrong: boolean][] = [
    [-5, 2, false],
    [-5.3, 1.7, true],
    [-7.1, -0.1, true],
    [-0.5, 0.5, false],
    [-0.8, 0.2, true]
  ]
  for (const [issued, expires, wrong] of table) {
    const credential = { issued: inDays(issued), expires: inDays(expires) }
    const found = remedies({ ...well, credential }, now)
    t.equal(found.length, wrong ? 1 : 0, `${issued} to ${expires}`)
    if (wrong)
      t.match(found[0], /joinery-server setup --kubeconfig \/etc\/kubernetes\/admin.conf$/, `${issued} to ${expires}`)
  }
})

t.test('a certificate that ends within 14 days was not renewed', async (t) => {
  t.same(remedies({ ...well, leaf: { expires: inDays(14) } }, now), [])
  t.same(remedies({ ...well, leaf: { expires: inDays(13) } }, now), [
    'The certificate for agents ends at 2026-01-23T00:00:00.000Z and was not renewed; joinery-server renew-leaf && systemctl start joinery-server-renew.timer'
  ])
})

t.test('each fault is a sentence with a command', async (t) => {
  const failing = [
    new ProblemError('store-full', { detail: 'the disk is full' }),
    new ProblemError('store-unavailable', { detail: 'the database cannot be read or written' }),
    new ProblemError('cluster-unavailable', { detail: 'https://10.0.0.1:6443: connection refused' }),
    new ProblemError('cluster-unavailable', { detail: 'forbidden', remedy: 'run joinery-server setup' }),
    new ProblemError('cluster-unsafe', { detail: 'a token could be any node: x', remedy: 'delete that binding' })
  ]
  t.same(remedies({ ...well, failing }, now), [
    'The disk of the store is full: the disk is full; make room: df --human-readable /var/lib/joinery-server',
    'The store cannot be written: the database cannot be read or written; see why: journalctl --unit joinery-server',
    'The Kubernetes API cannot be reached: https://10.0.0.1:6443: connection refused; see how it is: kubectl --kubeconfig /etc/kubernetes/admin.conf get --raw /readyz?verbose',
    'The Kubernetes API cannot be reached: forbidden; run joinery-server setup',
    'The cluster does not restrict a credential to its purpose: a token could be any node: x; delete that binding'
  ])
})

t.test('a certificate that does not name the published host is reported', async (t) => {
  const leaf = { expires: inDays(300), unnamed: 'https://join.example.org:7443' }
  t.same(remedies({ ...well, leaf }, now), [
    'The certificate for agents does not name the host of https://join.example.org:7443, so no new machine can fetch the agent from there; joinery-server renew-leaf && systemctl restart joinery-server'
  ])
})
