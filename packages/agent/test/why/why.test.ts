import { join } from 'node:path'
import { filesUnder } from '@joinery/host/files'
import { type Cause, Why } from '@joinery/protocol'
import { makeCertificate } from '@joinery/testing/etcd/certificates'
import t from 'tap'
import { Value } from 'typebox/value'
import type { Journal } from '../../src/journal/journal.ts'
import type { NotReady } from '../../src/machine/port/looking.ts'
import type { Terminal } from '../../src/program/terminal.ts'
import { printWhy } from '../../src/why/print-why.ts'
import { hasNeverJoined, neverJoined, nodeNameHere, whyOf } from '../../src/why/why-here.ts'

const at = new Date('2026-11-27T10:00:00Z')
const off: Cause = {
  code: 'runtime-off',
  from: 'machine',
  text: 'containerd does not run: somebody stopped it',
  evidence: ['containerd.service: loaded, inactive', 'evil \u001b[31m'],
  remedy: ['systemctl enable --now containerd', 'journalctl --unit containerd']
}
const missing: Cause = { code: 'cni-missing', from: 'machine', text: 'there is no file', evidence: [], remedy: [] }

const looking = (found: Partial<NotReady>) => ({
  whyNotReady: async () => ({
    readiness: { ready: false, message: 'KubeletNotReady: x' },
    causes: [],
    unseen: [],
    ...found
  })
})

const print = (why: Why, output: 'table' | 'json') => {
  const printed = { out: '', err: '' }
  const terminal = {
    out: (text: string) => {
      printed.out += text
    },
    err: (text: string) => {
      printed.err += text
    },
    colour: false
  } as unknown as Terminal
  printWhy(why, output, terminal)
  return printed
}

t.test('a person reads a paragraph, then each cause with evidence and commands, the likeliest first', async (t) => {
  const unseen = ['the journal of the kubelet: there is no command journalctl']
  const why = await whyOf(looking({ causes: [off, missing], unseen }), 'worker-1', at)
  t.ok(Value.Check(Why, why))
  t.same(print(why, 'table'), {
    out: `The Node worker-1 is not Ready. The likeliest cause: containerd does not run: somebody stopped it. One thing more was found, which it may explain. Not everything could be looked at.

1. runtime-off:
  Cause:      containerd does not run: somebody stopped it
  Evidence:   containerd.service: loaded, inactive
              evil \\u{1b}[31m
  Remedy:     systemctl enable --now containerd
              journalctl --unit containerd

2. cni-missing:
  Cause:   there is no file

Not looked at:
  the journal of the kubelet: there is no command journalctl
`,
    err: 'Next: joinery-agent why, after the remedies above\n'
  })
})

t.test('a program reads the schema, and nothing else', async (t) => {
  const why = await whyOf(looking({ causes: [off] }), 'worker-1', at)
  const { out, err } = print(why, 'json')
  t.same(JSON.parse(out), why)
  t.equal(err, '')
  t.match(why, { name: 'worker-1', at: at.toISOString(), machine: at.toISOString(), ready: false })
})

t.test('a Node that is Ready is said to be so', async (t) => {
  const why = await whyOf(looking({ readiness: { ready: true, message: '' } }), 'worker-1', at)
  t.same(print(why, 'table'), { out: 'The Node worker-1 is Ready.\n', err: '' })
  t.match(why, { ready: true, causes: { length: 0 } })
})

t.test('a Node that is Ready, and on which something fails, says both', async (t) => {
  const why = await whyOf(looking({ readiness: { ready: true, message: '' }, causes: [off] }), 'worker-1', at)
  const { out, err } = print(why, 'table')
  t.match(out, /^The Node worker-1 is Ready, but .+\.\n\n1\. runtime-off:/)
  t.equal(err, 'Next: joinery-agent why, after the remedies above\n')
})

t.test('U25: a machine that never joined says so, and what its agent waits for', async (t) => {
  const folder = t.testdir({ none: {}, hand: { etc: { kubernetes: { 'kubelet.conf': 'x' } } } })
  const none = filesUnder(join(folder, 'none'))
  const begun = { attempt: { number: 1, nodeName: 'worker-1', bootId: '' } }
  const failure = { class: 'machine' as const, stage: '', output: [] }
  const rows: [what: string, files: Parameters<typeof hasNeverJoined>[0], journal: Journal, never: boolean][] = [
    ['nothing is there', none, {}, true],
    ['the agent has begun a join', none, begun, false],
    ['a join failed', none, { failures: [{ attempt: 1, failure }] }, false],
    ['kubeadm has joined it by hand', filesUnder(join(folder, 'hand')), {}, false]
  ]
  for (const [what, files, journal, never] of rows) t.equal(await hasNeverJoined(files, journal), never, what)

  const waits = {
    agent: 'running',
    message: 'waiting for approval as vm-1; key 4f1c; compare with: joinery show vm-1'
  } as const
  const why = neverJoined({ ...waits, remedy: [] }, 'vm-1', at)
  t.ok(Value.Check(Why, why))
  t.same(print(why, 'table'), {
    out: 'This machine has never joined a cluster, so it has no Node. Its agent (running): waiting for approval as vm-1; key 4f1c; compare with: joinery show vm-1\n',
    err: 'Next: joinery-agent status\n'
  })
  const unknown = {
    agent: 'not-configured',
    message: 'no pairing server is known',
    remedy: ['joinery-agent enrol --help']
  } as const
  t.match(neverJoined({ ...unknown, remedy: [...unknown.remedy] }, 'vm', at), {
    ready: false,
    causes: { length: 0 },
    summary: /Its agent \(not-configured\): no pairing server is known; joinery-agent enrol --help$/
  })
})

t.test('without a cause the words of the Node are shown, and what is not known is said', async (t) => {
  const summary = async (found: Partial<NotReady>) => (await whyOf(looking(found), 'worker-1', at)).summary
  t.equal(await summary({}), 'The Node worker-1 is not Ready. This machine shows no cause: KubeletNotReady: x.')
  t.equal(
    await summary({ readiness: { ready: false, message: '', unknown: true }, causes: [off, missing, missing] }),
    'It is not known whether the Node worker-1 is Ready. The likeliest cause: containerd does not run: somebody stopped it. 2 things more were found, which it may explain.'
  )
})

t.test(
  'the name of the Node comes from the journal, else from the certificate, else it is the host name',
  async (t) => {
    const { cert } = await makeCertificate({ name: 'system:node:worker-7' })
    const files = (pem: string) =>
      filesUnder(
        t.testdir({
          proc: { sys: { kernel: { hostname: 'host-1\n' } } },
          var: { lib: { kubelet: { pki: { 'kubelet-client-current.pem': pem } } } }
        })
      )
    const certificate = { fingerprint: '', serial: '' }
    const journal = (content: object) => ({ read: async () => content })
    t.equal(await nodeNameHere(files(cert), journal({ joined: { nodeName: 'a', certificate } })), 'a')
    t.equal(await nodeNameHere(files(cert), journal({ attempt: { number: 1, nodeName: 'b', bootId: '' } })), 'b')
    t.equal(await nodeNameHere(files(cert), journal({})), 'worker-7')
    t.equal(await nodeNameHere(files('nothing'), journal({})), 'host-1')
  }
)
