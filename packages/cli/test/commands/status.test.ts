import type { Status } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { ago, status } from '@joinery/testing/command/fixtures'
import { joinery } from '@joinery/testing/command/operators'
import t from 'tap'
import { parse } from 'yaml'

const { credentialExpires: _, ...cluster } = status.cluster
const { agentPackage: __, ...withoutPackage } = status

const troubled: Status = {
  ...withoutPackage,
  store: { ...status.store, trouble: 'the disk is full' },
  cluster: { trouble: { since: ago(200), reason: 'connection refused' } },
  enrolments: { ...status.enrolments, pending: 2, frozen: 1 },
  refusals: { 'code-not-accepted': 12, 'store-full': 1 },
  remedies: ['The disk of the store is full: make room', 'The Kubernetes API cannot be reached: see']
}

t.test('status of a server that is well says so and ends with 0', async (t) => {
  const { exitCode, out, err } = await joinery(t, { status: () => status }, 'status')
  t.equal(
    out,
    `Server:          0.1.0, since 2026-11-25T10:00:00Z (120m)
Command:         dev
Agents:          https://172.30.0.1:7443 (listens on 0.0.0.0:7443)
Operators:       /run/joinery/operator.sock
Pin:             sha256:${'a'.repeat(64)}
Certificate:     until 2027-11-25T10:00:00Z
Agent package:   /usr/share/joinery-server/joinery-agent_amd64.deb
Store:           /var/lib/joinery-server/joinery.db, writable
Cluster:         Kubernetes v1.37.2
Token:           until 2026-12-02T10:00:00Z
Enrolments:      1 joining, 12 ready
Codes:           3 open
Alerts:          none
Refusals:        none
What to do:      nothing
`
  )
  t.equal(err, '')
  t.equal(exitCode, 0)
})

t.test('status says how many machines join and wait, and whether the server lets fewer join', async (t) => {
  const row = async (joins: Status['joins']) => {
    const { out } = await joinery(t, { status: () => ({ ...status, joins }) as Status }, 'status')
    return /^Joins: +(.*)$/m.exec(out)?.[1]
  }
  const joins = { now: 3, atMost: 20, joinsAtOnce: 20, waiting: 0 }
  t.equal(await row(joins), '3 of 20 at once')
  t.equal(await row({ ...joins, now: 20, waiting: 55 }), '20 of 20 at once, 55 wait for their turn')
  t.equal(
    await row({ ...joins, atMost: 5, waiting: 1 }),
    '3 of 5 at once, 1 wait for their turn; joinsAtOnce is 20, and the API server is slow'
  )
  t.equal(await row(undefined), undefined, 'an earlier server does not say it')
})

t.test('status says which pin comes next, and which machines that wait do not know it', async (t) => {
  const nextPin = `sha256:${'b'.repeat(64)}`
  const shown = async (agents: Status['agents']) =>
    (await joinery(t, { status: () => ({ ...status, agents }) }, 'status')).out
  const all = await shown({ ...status.agents, nextPin })
  t.match(all, `Next pin:        ${nextPin} (every machine that waits knows it: joinery-server rotate-ca --finish)`)
  const untold = { waiting: 40, count: 17, names: Array.from({ length: 16 }, (_, index) => `n${index}`) }
  const some = await shown({ ...status.agents, nextPin, untold })
  t.match(some, `Next pin:        ${nextPin}\n`)
  t.match(some, /^Not told: +17 of 40 machines that wait: n0, n1, .*n15 \.\.\.$/m)
})

t.test('status shows the last alerts, each with the command that says more, and ends with 0', async (t) => {
  const last = [
    {
      at: ago(60),
      subject: 'node/node-9',
      event: 'unknown-node',
      detail: 'Node node-9 \u001b[2J',
      next: 'joinery nodes'
    },
    {
      at: ago(120),
      subject: 'enrolment/node-1',
      event: 'conflict',
      detail: 'a second key',
      next: 'joinery show node-1'
    }
  ]
  const answer = { ...status, alerts: { count: 12, last } }
  const { exitCode, out } = await joinery(t, { status: () => answer }, 'status')
  t.match(out, /^Alerts: +12 in the last 7 days$/m)
  t.ok(
    out.endsWith(`
What to do:      nothing
Alerts, newest first:
  AT                     SUBJECT            EVENT          DETAIL
  2026-11-25T11:59:00Z   node/node-9        unknown-node   Node node-9 \\u{1b}[2J
                                                           next: joinery nodes
  2026-11-25T11:58:00Z   enrolment/node-1   conflict       a second key
                                                           next: joinery show node-1
`),
    out
  )
  t.equal(exitCode, 0)
})

t.test('status of a server in trouble says what is wrong, since when and what to do, and ends with 1', async (t) => {
  const { exitCode, out, err } = await joinery(t, { status: () => troubled }, 'status')
  t.match(
    out,
    `Agent package:   <none>, so code create --cloud-init has nothing to install
Store:           /var/lib/joinery-server/joinery.db: the disk is full
Cluster:         out of reach since 2026-11-25T11:56:40Z (3m20s): connection refused
Enrolments:      2 pending, 1 joining, 12 ready, 1 frozen
Codes:           3 open
Alerts:          none
Refusals:        12 code-not-accepted, 1 store-full
What to do:
- The disk of the store is full: make room
- The Kubernetes API cannot be reached: see
`
  )
  t.equal(err, 'Next: joinery list\nerror: the pairing server needs a person\n')
  t.equal(exitCode, 1)
})

t.test('status shows no token if the server has none', async (t) => {
  const { out } = await joinery(t, { status: () => ({ ...status, cluster }) }, 'status')
  t.notMatch(out, 'Token:')
})

t.test('status for programs ends with the same exit codes', async (t) => {
  const json = await joinery(t, { status: () => status }, 'status', '-o', 'json')
  t.same(JSON.parse(json.out), status)
  t.match(json, { err: '', exitCode: 0 })
  const yaml = await joinery(t, { status: () => troubled }, 'status', '-o', 'yaml')
  t.same(parse(yaml.out), troubled)
  t.equal(yaml.exitCode, 1)
})

const url = (name: string): string => `https://${name}:7443`

t.test('status of one of several servers says which is active, who is away, and how the log is', async (t) => {
  const shared: Status = {
    ...status,
    leadership: { isActive: true, active: url('cp1'), term: 7, since: ago(600) },
    servers: [
      { url: url('cp1'), state: 'active', seen: ago(0) },
      { url: url('cp2'), state: 'standby', seen: ago(4) },
      { url: url('cp3'), state: 'away', seen: ago(300) }
    ],
    log: {
      number: 1234,
      term: 9,
      batches: 2,
      headBytes: 900,
      waiting: 5,
      documents: 812,
      bytes: 2_140_000,
      written: 14_400
    }
  }
  const { out } = await joinery(t, { status: () => shared }, 'status')
  t.match(
    out,
    `Role:            active since 2026-11-25T11:50:00Z (10m), term 7
Servers:         https://cp1:7443 active
                 https://cp2:7443 standby
                 https://cp3:7443 away, last heard of 5m ago
Log:             batch 1234, 2 in the head (900 B), 5 of 812 documents waiting (2.1 MB), 14 KB written
Cluster:         Kubernetes v1.37.2
`
  )
  const rotating = shared.servers?.map((server, index) => ({
    ...server,
    pin: index === 1 ? 'next' : 'old',
    ...(index === 0 && { nextPin: 'next' })
  }))
  t.match(
    (await joinery(t, { status: () => ({ ...shared, ...given({ servers: rotating }) }) }, 'status')).out,
    `Servers:         https://cp1:7443 active, has the next CA
                 https://cp2:7443 standby, serves by the next CA
                 https://cp3:7443 away, last heard of 5m ago, lacks a CA that another server has
`
  )
  const unavailable = { since: ago(60), why: 'etcd is full' }
  const full = { ...shared, log: { ...shared.log, unavailable } as Status['log'] }
  t.match(
    (await joinery(t, { status: () => full }, 'status')).out,
    /14 KB written; cannot be written since 2026-11-25T11:59:00Z \(60s\): etcd is full$/m
  )
})

t.test('status of a server that stands by shows no counts, which it does not know', async (t) => {
  const standby: Status = {
    ...status,
    cluster: {},
    enrolments: { ...status.enrolments, joining: 0, ready: 0 },
    leadership: { isActive: false, active: url('cp1'), term: 7, since: ago(600) }
  }
  const { out, exitCode } = await joinery(t, { status: () => standby }, 'status')
  t.match(out, /^Role: +stands by; https:\/\/cp1:7443 is active since 2026-11-25T11:50:00Z \(10m\), term 7$/m)
  for (const row of ['Cluster', 'Enrolments', 'Codes', 'Alerts', 'Refusals']) t.notMatch(out, `${row}:`, row)
  t.equal(exitCode, 0)
  const alone = { ...standby, leadership: { isActive: false, term: 0, trouble: 'connection refused' } }
  t.match(
    (await joinery(t, { status: () => alone }, 'status')).out,
    /^Role: +stands by; no server is active: connection refused$/m
  )
  const long = { ...alone, leadership: { ...alone.leadership, troubleSince: ago(60) } }
  t.match(
    (await joinery(t, { status: () => long }, 'status')).out,
    /no server is active: trouble since 2026-11-25T11:59:00Z \(60s\): connection refused$/m
  )
})
