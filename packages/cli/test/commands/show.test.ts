import { type EnrolmentDetail, noFacts, ProblemError } from '@joinery/protocol'
import { ago, detail, facts, key, otherKey } from '@joinery/testing/command/fixtures'
import { type Answers, joinery, joineryAsked, runWith, serveOperators } from '@joinery/testing/command/operators'
import t from 'tap'

t.test('show prints the evidence, failing checks with their remedies, and the timeline', async (t) => {
  const { exitCode, out, err } = await joinery(t, { show: () => detail }, 'show', 'node-1')
  t.equal(
    out,
    `Name:         node-1
State:        pending
Since:        2026-11-25T11:56:40Z (3m20s)
Message:      waits for approval
Role:         worker
Key:          4f1c-22ab-0000-0000-0000
              ${key}
Credential:   token
Address:      10.0.0.11 (seen by the server)
ID:           e1
Revision:     3
Code:         c1
Enrolled:     2026-11-25T11:56:40Z (3m20s)
Facts, as the machine claims them:
  | Hostname:       node-1
  | Machine ID:     0123456789abcdef0123456789abcdef
  | Product UUID:   4c4c4544-0042-3510-8052-b4c04f4e3732
  | Serial:         SN-1
  | MACs:           52:54:00:30:00:01
  | Addresses:      10.0.0.11, fe80::1
  | OS:             Debian GNU/Linux 13 (trixie)
  | Kernel:         6.12.48 x86_64
  | CPUs:           2
  | Memory:         2.0 GiB
  | kubelet:        v1.37.2
  | kubeadm:        v1.37.2
  | Runtime:        containerd 2.1.4
Preflight, as the machine claims it:
  | CHECK     VERDICT   FINDING
  | runtime   pass      containerd answers
  | swap      fail      /dev/sda2 is on
What to do about it; joinery-agent preflight on the machine says more:
  swap   swapoff -a
         # and comment the swap out in /etc/fstab
Timeline:
  AT                     ACTOR   EVENT   DETAIL
  2026-11-25T11:56:40Z   agent   enrol   code c1
`
  )
  t.equal(err, 'Next: joinery approve node-1 --revision 3 --key 4f1c-22ab-0000-0000-0000\n')
  t.equal(exitCode, 0)
})

t.test('show says what was approved, and what the machine claims otherwise since', async (t) => {
  const preflight = detail.preflight.filter(({ verdict }) => verdict !== 'pass')
  const { name, address } = detail
  const of = { at: ago(60), revision: 3, key, name, address, facts, preflight }
  const approved: EnrolmentDetail = { ...detail, state: 'approved', codeClosed: ago(60), approved: of }
  const same = await joinery(t, { show: () => approved }, 'show', 'node-1')
  t.match(same.out, /^Code: +c1 \(closed\)\n/m)
  t.match(same.out, /^Approved: .* revision 3\n/m)
  t.notMatch(same.out, /when it was approved/)
  const changed = { ...approved, facts: { ...facts, serial: 'SN-2' } }
  const { out } = await joinery(t, { show: () => changed }, 'show', 'node-1')
  t.match(out, /^Other facts, as the machine claimed them when it was approved:\n {2}\| Serial: +SN-1\n[^ ]/m)
})

t.test('show of a frozen enrolment has both keys side by side, their differences, and the next commands', async (t) => {
  const frozen: EnrolmentDetail = {
    ...detail,
    state: 'frozen',
    address: '192.168.7.7',
    nameConflict: 'Node node-1 is in the cluster',
    conflicts: [
      {
        key: otherKey,
        address: '10.0.0.66',
        at: ago(30),
        facts: { ...facts, machineId: 'f'.repeat(32), productUuid: 'u' }
      }
    ],
    timeline: [{ at: ago(30), actor: 'agent', event: 'conflict', detail: 'a second key used the code', alert: true }]
  }
  const { out, err } = await joinery(t, { show: () => frozen }, 'show', 'node-1')
  t.match(
    out,
    `Keys that used the code:
                OWNER                          OTHER
  Key:          4f1c-22ab-0000-0000-0000       9e3d-07cc-ffff-ffff-ffff     differs
  First seen:   2026-11-25T11:56:40Z (3m20s)   2026-11-25T11:59:30Z (30s)
  Address:      192.168.7.7                    10.0.0.66                    differs
Their machines, as each claims to be:
  |                 OWNER                                  OTHER
  | Hostname:       node-1                                 node-1
  | Machine ID:     0123456789abcdef0123456789abcdef       ffffffffffffffffffffffffffffffff   differs
  | Product UUID:   4c4c4544-0042-3510-8052-b4c04f4e3732   u                                  differs
`
  )
  t.match(
    out,
    `  | Runtime:        containerd 2.1.4                       containerd 2.1.4
To end the freeze:
  4f1c-22ab-0000-0000-0000 is right:   joinery release node-1 --key ${key}
  9e3d-07cc-ffff-ffff-ffff is right:   joinery release node-1 --key ${otherKey}
  none is:                             joinery reject node-1 --reason 'not one of ours'
`
  )
  t.match(out, 'Name conflict:   Node node-1 is in the cluster\n')
  t.match(out, '192.168.7.7 (seen by the server, not among those that the machine claims)\n')
  t.match(out, 'ALERT a second key used the code\n')
  t.equal(err, '')
})

t.test('show of an enrolment that is frozen without a second key has the command for its own key', async (t) => {
  const { out } = await joinery(t, { show: () => ({ ...detail, state: 'frozen' }) }, 'show', 'node-1')
  t.notMatch(out, 'Keys that used the code')
  t.match(
    out,
    `To end the freeze:\n  4f1c-22ab-0000-0000-0000 is right:   joinery release node-1 --key ${key}\n  none is:`
  )
})

t.test('show of an enrolment that was released has the other keys, and since when its own is known', async (t) => {
  const claim = { key: otherKey, address: '10.0.0.66', at: ago(90), joinKey: key, facts }
  const released: EnrolmentDetail = { ...detail, keySeen: ago(30), conflicts: [claim, { ...claim, at: ago(80) }] }
  const { out, err } = await joinery(t, { show: () => released }, 'show', 'e1')
  t.match(out, /^ +OWNER +OTHER 1 +OTHER 2$/m)
  t.match(
    out,
    /^ {2}First seen: +2026-11-25T11:59:30Z \(30s\) +2026-11-25T11:58:30Z \(90s\) +2026-11-25T11:58:40Z \(80s\)$/m
  )
  t.match(out, /^ {2}\| Join key: +<none> +4f1c-22ab-0000-0000-0000 +4f1c-22ab-0000-0000-0000 +differs$/m)
  t.notMatch(out, 'To end the freeze')
  t.equal(err, 'Next: joinery approve e1 --revision 3 --key 4f1c-22ab-0000-0000-0000\n')
})

t.test('show names a copy only once if it came with the key of the other machine', async (t) => {
  const copy = { key, address: '10.0.0.66', at: ago(90), facts: { ...facts, machineId: 'f'.repeat(32) } }
  const { out } = await joinery(
    t,
    { show: () => ({ ...detail, state: 'frozen', conflicts: [copy] }) },
    'show',
    'node-1'
  )
  t.equal(out.match(/joinery release/g)?.length, 1)
})

t.test('show of a joined machine has its attempts, its Node and both times of Ready', async (t) => {
  const ready: EnrolmentDetail = {
    ...detail,
    state: 'ready',
    agentReady: ago(20),
    ready: ago(10),
    confirmed: false,
    attempts: [
      {
        number: 1,
        tokenId: 'abcdef',
        claimed: ago(900),
        deadline: ago(300),
        stage: 'preflight',
        failure: 'no disk\nremedy: df -h\n\u001b[1m'
      },
      { number: 2, tokenId: 'bcdefa', claimed: ago(90), deadline: ago(-510), csr: 'csr-x', certificateSerial: '4F' }
    ],
    node: { uid: 'uid-1', registered: ago(60), condition: 'Ready', message: 'kubelet is posting', ready: ago(11) }
  }
  const { out, err } = await joinery(t, { show: () => ready }, 'show', 'node-1')
  t.match(
    out,
    `Attempt 1:
  Token:      abcdef
  Claimed:    2026-11-25T11:45:00Z
  Deadline:   2026-11-25T11:55:00Z
Attempt 1, as the machine reports it:
  | Stage:     preflight
  | Failure:   no disk
  |            remedy: df -h
  |            \\u{1b}[1m
Attempt 2:
  Token:         bcdefa
  Claimed:       2026-11-25T11:58:30Z
  Deadline:      2026-11-25T12:08:30Z
  CSR:           csr-x
  Certificate:   4F
Node:
  Condition:    Ready
  Message:      kubelet is posting
  UID:          uid-1
  Registered:   2026-11-25T11:59:00Z (60s)
  Ready:        2026-11-25T11:59:49Z (11s)
`
  )
  t.match(out, 'Agent ready:   2026-11-25T11:59:40Z (20s)\n')
  t.match(out, 'Ready:         2026-11-25T11:59:50Z (10s), not confirmed\n')
  t.equal(err, '')
})

t.test('show has the requests for serving certificates, with the reason for each that is left pending', async (t) => {
  const servingCsrs = [{ name: 'csr-a' }, { name: 'csr-b', left: '10.0.0.66 is loopback' }]
  const { out } = await joinery(t, { show: () => ({ ...detail, state: 'ready', servingCsrs }) }, 'show', 'node-1')
  t.match(
    out,
    `Serving certificates:
  CSR     ANSWER
  csr-a   approved
  csr-b   left pending: 10.0.0.66 is loopback
`
  )
})

t.test('show of a machine that joins by a certificate has its join key and the CSR', async (t) => {
  const attempt = {
    number: 1,
    credentialCsr: 'joinery-e1-1',
    credentialSerial: '0A',
    claimed: ago(90),
    deadline: ago(-510),
    csr: 'csr-x',
    certificateSerial: '4F'
  }
  const joining: EnrolmentDetail = { ...detail, credential: 'certificate', joinKey: otherKey, attempts: [attempt] }
  const { out } = await joinery(t, { show: () => joining }, 'show', 'node-1')
  t.match(out, new RegExp(`^Credential: +certificate\nJoin key: +${otherKey}\n`, 'm'))
  t.match(
    out,
    `Attempt 1:
  Credential CSR:      joinery-e1-1
  Credential serial:   0A
  Claimed:             2026-11-25T11:58:30Z
  Deadline:            2026-11-25T12:08:30Z
  CSR:                 csr-x
  Certificate:         4F
`
  )
  const { joinKey: _, ...old } = joining
  t.match((await joinery(t, { show: () => old }, 'show', 'node-1')).out, /^Join key: +<none>: its agent is too old$/m)
  t.match((await joinery(t, { show: () => detail }, 'show', 'node-1')).out, /^Credential: +token\n(?!Join key)/m)
})

t.test('show says that a machine claims nothing', async (t) => {
  const bare = { ...detail, facts: { ...facts, serial: '', macs: [] } }
  const { out } = await joinery(t, { show: () => bare }, 'show', 'node-1')
  t.match(out, '  | Serial:         <none>\n  | MACs:           <none>\n')
})

t.test('show -o json prints the answer of the server', async (t) => {
  const { out, err } = await joinery(t, { show: () => detail }, 'show', 'node-1', '-o', 'json')
  t.same(JSON.parse(out), detail)
  t.equal(err, '')
})

t.test('colour marks states and verdicts, and moves nothing', async (t) => {
  const { socket } = await serveOperators(t, { show: () => detail })
  const plain = await runWith(['--socket', socket, 'show', 'node-1'])
  const coloured = await runWith(['--socket', socket, 'show', 'node-1'], { colour: true })
  t.match(coloured.out, '\x1b[33mpending\x1b[39m')
  t.match(coloured.out, '\x1b[31mfail\x1b[39m')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences are what is looked for
  t.equal(coloured.out.replace(/\x1b\[\d+m/g, ''), plain.out)
})

t.test('--no-color takes the colours away, before and after the command', async (t) => {
  const { socket } = await serveOperators(t, { show: () => detail })
  const plain = await runWith(['--socket', socket, 'show', 'node-1'])
  for (const words of [
    ['--no-color', '--socket', socket, 'show', 'node-1'],
    ['--socket', socket, 'show', 'node-1', '--no-color']
  ]) {
    t.same(await runWith(words, { colour: true }), plain, words.join(' '))
  }
})

t.test('show says which preflight policy the code has, if it has one', async (t) => {
  const policy = { remediate: 'off', ignore: ['mtu', '\u001b[31m'] } as const
  const { out } = await joinery(
    t,
    { show: () => ({ ...detail, policy: { ...policy, ignore: [...policy.ignore] } }) },
    'show',
    'node-1'
  )
  t.match(out, /Code: +c1\nRemediate: +off\nIgnores: +mtu, \\u\{1b\}\[31m\n/)
})

t.test('show tells a Kubernetes user from an operator on the host, whatever the user is called', async (t) => {
  const by = 'root (uid 0)'
  const said = { actor: 'operator', by, event: 'reject', alert: false, at: ago(60), detail: 'not ours' }
  const decided = { ...said, decision: '8a1f3c52-0d7e-4a53-9a54-6a8e0c6f1b11' }
  const { out } = await joinery(t, { show: () => ({ ...detail, timeline: [said, decided] }) }, 'show', 'node-1')
  t.match(out, /Z {3}operator root \(uid 0\) +reject +not ours\n/)
  t.match(out, /Z {3}Kubernetes user root \(uid 0\) +reject +not ours; Decision 8a1f3c52-0d7e-4a53-9a54-6a8e0c6f1b11\n/)
})

t.test('show has the server’s own words for a failure outside the machine’s claims', async (t) => {
  const attempt = { number: 1, claimed: ago(900), deadline: ago(300), failure: 'no Node until the deadline' }
  const failed: EnrolmentDetail = { ...detail, state: 'failed', attempts: [{ ...attempt, failedBy: 'server' }] }
  const { out, err } = await joinery(t, { show: () => failed }, 'show', 'node-1')
  t.match(out, /^ {2}Deadline: .*\n {2}Failure: +no Node until the deadline\nTimeline:$/m)
  t.equal(err, 'Next: joinery retry node-1 --revision 3 --key 4f1c-22ab-0000-0000-0000\n')
})

t.test('show says when the state ends, and how often an event came again', async (t) => {
  const shown: EnrolmentDetail = {
    ...detail,
    expires: ago(-6 * 86_400),
    timeline: [
      {
        at: ago(7200),
        actor: 'cluster',
        event: 'node-condition',
        detail: 'Ready, after NotReady: PLEG is not healthy',
        alert: false,
        count: 37,
        last: ago(60)
      }
    ]
  }
  const { out } = await joinery(t, { show: () => shown }, 'show', 'node-1')
  t.match(out, 'Expires:      2026-12-01T12:00:00Z (in 6d)\n')
  t.match(out, /node-condition +37 times until 2026-11-25T11:59:00Z: Ready, after NotReady: PLEG is not healthy\n/)
})

t.test('show leaves out what a pruned enrolment does not keep', async (t) => {
  const shown: EnrolmentDetail = {
    ...detail,
    state: 'removed',
    pruned: ago(60),
    facts: noFacts,
    preflight: [],
    address: ''
  }
  const { out } = await joinery(t, { show: () => shown }, 'show', 'node-1')
  t.notMatch(out, /Facts|Address:/)
})

/** Machines of a rack, and one of another. */
const racked = ['node-1', 'node-2', 'node-3'].map(
  (name, place): EnrolmentDetail => ({
    ...detail,
    id: `id-${name}`,
    name,
    state: place === 1 ? 'failed' : 'pending',
    labels: { rack: place === 2 ? 'r8' : 'r7' }
  })
)
const found = (reference: string) => racked.find(({ id, name }) => [id, name].includes(reference))
const fleet: Answers = {
  list: ({ query = {} }) => ({ items: racked.filter(({ state }) => (query.state ?? state) === state) }),
  show: ({ reference }) => found(reference)
}

t.test('show of a selection prints a page about each, asks nothing, and names each by its id', async (t) => {
  const { exitCode, out, err, questions } = await joineryAsked(t, fleet, ['n'], 'show', '-l', 'rack=r7')
  t.same(out.match(/^Name: .*|^$/gm), ['Name:         node-1', '', 'Name:         node-2', ''], 'an empty line between')
  t.equal(
    err,
    `Next: joinery approve id-node-1 --revision 3 --key 4f1c-22ab-0000-0000-0000
Next: joinery retry id-node-2 --revision 3 --key 4f1c-22ab-0000-0000-0000
`
  )
  t.same([exitCode, questions], [0, []])
  const failed = await joinery(t, fleet, 'show', '--state', 'failed')
  t.match(failed.out, /^Name: +node-2\n/)
  t.notMatch(failed.out, /^Name: +node-1$/m)
})

t.test('documents of a selection, or of several names, are a list; of one name it is the document', async (t) => {
  const list = (...places: number[]) => ({ items: places.map((place) => racked[place]) })
  for (const [words, document] of [
    [['-l', 'rack=r7'], list(0, 1)],
    [['--state', 'failed'], list(1)],
    [['--all'], list(0, 1, 2)],
    [['node-3', 'id-node-1'], list(2, 0)],
    [['node-3'], racked[2]]
  ] as const) {
    const { out, err } = await joinery(t, fleet, 'show', ...words, '-o', 'json')
    t.same(JSON.parse(out), document, words.join(' '))
    t.equal(err, '')
  }
  const print = async (...words: string[]) => (await joinery(t, fleet, 'show', ...words)).out
  t.equal(await print('--all', '-o', 'jsonpath={.items[*].name}'), 'node-1 node-2 node-3')
  t.equal(await print('-l', 'rack=r8', '-o', 'custom-columns=N:.name,S:.state'), 'N        S\nnode-3   pending\n')
  t.equal(await print('-l', 'rack=r7', '-o', 'name'), 'enrolment/id-node-1\nenrolment/id-node-2\n')
  t.equal(await print('node-1', 'node-2', '-o', 'name'), 'enrolment/node-1\nenrolment/node-2\n')
})

t.test('a selection of none is said and is no failure, and a missing name does not hide the others', async (t) => {
  t.match(await joinery(t, fleet, 'show', '-l', 'rack=r9'), {
    exitCode: 0,
    out: '',
    err: 'No enrolment fits these options.\n'
  })
  const none = await joinery(t, fleet, 'show', '-l', 'rack=r9', '-o', 'json')
  t.same([JSON.parse(none.out), none.err, none.exitCode], [{ items: [] }, '', 0])
  const missing = await joinery(t, fleet, 'show', 'node-9', 'node-1')
  t.match(missing, { exitCode: 3, out: /^Name: +node-1\n/, err: /error: no enrolment is called node-9/ })
  for (const [words, why] of [
    [[], /nothing is named/],
    [['node-1', '--all'], /a name and a selection together/]
  ] as const) {
    t.match(await joinery(t, fleet, 'show', ...words), { exitCode: 2, out: '', err: why, calls: { length: 0 } })
  }
})

t.test('a machine that goes away between the list and the look is left out, and an outage is not hidden', async (t) => {
  const gone: Answers = {
    ...fleet,
    show: ({ reference }) => (reference === 'id-node-1' ? undefined : found(reference))
  }
  t.match(await joinery(t, gone, 'show', '-l', 'rack=r7'), { exitCode: 0, out: /^Name: +node-2\n/ })
  const away: Answers = {
    ...fleet,
    show: () => {
      throw new ProblemError('store-unavailable')
    }
  }
  t.match(await joinery(t, away, 'show', '--all'), { exitCode: 1, out: '', err: /\(store-unavailable\)/ })
})
