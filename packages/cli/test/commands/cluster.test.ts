import { parseConfig } from '@joinery/host/config-file'
import { type ClusterParts, manifests } from '@joinery/kube/manifests'
import { ClusterReport, ProblemError } from '@joinery/protocol'
import { now } from '@joinery/testing/command/fixtures'
import { runWith } from '@joinery/testing/command/operators'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { doctor, printReport } from '../../src/cluster/doctor.ts'
import { type HardenedCluster, harden } from '../../src/cluster/harden-here.ts'
import { adminConf, kubeconfigOf } from '../../src/terminal/kubeconfig.ts'
import type { Terminal } from '../../src/terminal/terminal.ts'
import { freshCluster, mendIn, type Seen, sightOf } from '../support/cluster.ts'

t.test('manifests prints what setup applies, as one stream, always in the same order', async (t) => {
  const rows: [words: string[], parts: ClusterParts][] = [
    [[], { credential: 'token', kubeProxy: true }],
    [['--no-kube-proxy'], { credential: 'token', kubeProxy: false }],
    [['--credential', 'certificate'], { credential: 'certificate', kubeProxy: true }],
    [['--serving-certificates'], { credential: 'token', kubeProxy: true, serving: true }],
    [['--store', 'cluster'], { credential: 'token', kubeProxy: true, log: true }]
  ]
  for (const [words, parts] of rows) {
    const { exitCode, out, err } = await runWith(['cluster', 'manifests', ...words])
    t.match({ exitCode, err }, { exitCode: 0, err: '' }, words.join(' '))
    const documents = parseAllDocuments(out)
    for (const { errors, warnings } of documents) t.same([...errors, ...warnings], [])
    const parsed = documents.map((document) => document.toJS())
    t.same(parsed, manifests(parts), words.join(' '))
    t.equal((await runWith(['cluster', 'manifests', ...words])).out, out, words.join(' '))
  }
})

t.test('the kubeconfig is the option, then the files of KUBECONFIG, then that of kubeadm', async (t) => {
  t.same(kubeconfigOf({ kubeconfig: 'a:b' }, 'c').files, ['a:b'])
  t.same(kubeconfigOf({}, 'c::d').files, ['c', 'd'])
  t.same(kubeconfigOf({}, '').files, [adminConf])
  t.same(kubeconfigOf({}, undefined).files, [adminConf])
})

t.test('without a kubeconfig, doctor and harden say which one they looked for', async (t) => {
  for (const command of ['doctor', 'harden']) {
    const { exitCode, out, err } = await runWith(['cluster', command], { kubeconfig: '/nowhere/a:/nowhere/b' })
    t.match({ exitCode, out }, { exitCode: 1, out: '' }, command)
    t.match(
      err,
      /^error: there is no kubeconfig \/nowhere\/a, \/nowhere\/b .*\nremedy: .*--kubeconfig FILE\n$/,
      command
    )
  }
})

/** A terminal, and what was written to it. */
const written = (ask?: Terminal['ask']) => {
  const texts = { out: '', err: '' }
  const write = (stream: 'out' | 'err') => (text: string) => {
    texts[stream] += text
  }
  const terminal: Terminal = {
    out: write('out'),
    deliver: async (text) => write('out')(text),
    err: write('err'),
    told: (text) => text,
    now: () => now,
    pause: async () => {},
    exec: async () => '',
    colour: false,
    ...(ask && { ask })
  }
  return { terminal, texts }
}

const { terminal: still } = written()
const diagnose = (seen: Seen) => doctor('https://10.0.0.1:6443', sightOf(seen), still)

t.test('the doctor names each finding with the command that fixes it, and ends with 7', async (t) => {
  const report = await diagnose(freshCluster())
  const { terminal, texts } = written()
  const print = () => printReport(report, { format: 'table', headers: true, terminal })
  t.throws(print, { exitCode: 7, message: 'the cluster at https://10.0.0.1:6443 needs a person' })
  for (const line of [
    /^auto-approval +fail +requests by a token of .*default-node-token are approved.*node-autoapprove-bootstrap$/m,
    /^ +remedy: kubectl delete clusterrolebinding kubeadm:node-autoapprove-bootstrap$/m,
    /^bootstrap-tokens +fail +token abcdef never expires/m,
    /^cluster-info +warn +cluster-info is public/m,
    /^ +why: anybody who reaches the API server/m,
    /^node-restriction +skipped +kube-system shows no Pod/m,
    /^joinery-objects +fail +configmap\/joinery-banned missing$/m,
    /^17 checks: 3 failed, 1 warned, 5 skipped, 8 passed$/m
  ]) {
    t.match(texts.out, line, String(line))
  }
  t.equal(texts.err, 'Next: joinery cluster harden\n')
})

t.test('each command of doctor and harden goes the way of the command that prints it', async (t) => {
  const { terminal, texts } = written()
  const told = (text: string) => text.replace(/^(kubectl|joinery) /, '$1 --context prod ')
  const there = { ...terminal, told }
  const report = await doctor('https://10.0.0.1:6443', sightOf(freshCluster()), there)
  t.throws(() => printReport(report, { format: 'table', headers: true, terminal: there }), {
    message: /needs a person/
  })
  t.match(texts.out, /^ +remedy: kubectl --context prod delete clusterrolebinding kubeadm:node-autoapprove-bootstrap$/m)
  t.equal(texts.err, 'Next: joinery --context prod cluster harden\n')
  await harden({ sight: sightOf(freshCluster()), mend: async () => 'done' }, true, there)
  t.match(texts.out, /^kubectl --context prod --namespace kube-system delete secret bootstrap-token-abcdef /m)
  t.match(texts.err, /\nNext: joinery --context prod cluster doctor\n$/)
})

t.test('the doctor’s JSON follows its schema, and nothing else is printed', async (t) => {
  const report = await diagnose(freshCluster())
  const { terminal, texts } = written()
  t.throws(() => printReport(report, { format: 'json', headers: true, terminal }), {
    message: /needs a person/
  })
  t.same(parseConfig(ClusterReport, texts.out), { value: report })
  t.match(report, { version: 1, result: 'fail', cluster: { version: 'v1.37.2' } })
  t.equal(texts.err, '')
})

t.test('a check that may not look does not pass, and an API server that does not answer is a failure', async (t) => {
  const forbidden = async () => {
    throw new ProblemError('cluster-unavailable', { detail: 'the API server forbids it (403)' })
  }
  const sight = sightOf(freshCluster())
  const { checks } = await doctor('s', { ...sight, kubeadmCerts: forbidden }, still)
  t.match(
    checks.find(({ name }) => name === 'kubeadm-certs'),
    { verdict: 'fail', finding: 'cannot be looked at: the API server forbids it (403)', remedy: [/^# give the kube/] }
  )
  await t.rejects(doctor('s', { ...sight, version: forbidden }, still), { code: 'cluster-unavailable' })
})

const run = async (
  seen: Seen,
  { yes = false, answer, ...cluster }: Partial<HardenedCluster> & { yes?: boolean; answer?: string }
) => {
  const asked: string[] = []
  const { terminal, texts } = written(
    answer === undefined
      ? undefined
      : async (question) => {
          asked.push(question)
          return answer
        }
  )
  const failure = await harden({ sight: sightOf(seen), mend: mendIn(seen), ...cluster }, yes, terminal).then(
    () => undefined,
    (error: unknown) => error
  )
  return { failure, asked, ...texts }
}

t.test('harden shows each change and what it breaks, asks, makes them, and leaves the doctor nothing', async (t) => {
  const seen = freshCluster()
  const { failure, asked, out, err } = await run(seen, { answer: 'y' })
  t.equal(failure, undefined)
  t.same(asked, ['Make these 4 changes? [y/N] '])
  const [plan = '', done] = out.split('\n\n')
  t.match(plan, /^CHANGE +WHAT IT BREAKS\n/)
  t.match(plan, /^kubectl delete clusterrolebinding kubeadm:node-auto.* waits until somebody approves/m)
  t.match(plan, /^kubectl --namespace kube-system delete secret bootstrap-token-abcdef +a machine or script/m)
  t.match(plan, /^kubectl --namespace kube-public delete rolebinding .*--discovery-token/m)
  t.match(plan, /^apply this version of configmap\/joinery-banned +any change that somebody made/m)
  t.equal(done?.trim().split('\n').length, 4)
  t.equal(err, 'Next: joinery cluster doctor\n')
  t.match(await diagnose(seen), { result: 'pass' })
  t.match(await run(seen, { answer: 'y' }), { failure: undefined, asked: { length: 0 }, out: 'Nothing to change.\n' })
})

t.test('harden of a cluster that is set up for certificates keeps certificates', async (t) => {
  const seen = freshCluster('certificate')
  await run(seen, { yes: true })
  const names = (objects: readonly { kind: string; metadata: { name: string } }[]) =>
    objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()
  t.same(names(seen.objects), names(manifests({ credential: 'certificate', kubeProxy: false })))
  t.match(await diagnose(seen), { result: 'pass' })
})

t.test('anything but a yes changes nothing', async (t) => {
  for (const answer of ['', 'n', 'yes please', 'kubeadm']) {
    const seen = freshCluster()
    t.match(
      await run(seen, { answer }),
      { failure: { exitCode: 1, message: 'nothing is changed' } },
      JSON.stringify(answer)
    )
    t.same(seen, freshCluster(), JSON.stringify(answer))
  }
})

t.test('harden in a script needs --yes', async (t) => {
  const seen = freshCluster()
  t.match(await run(seen, {}), { failure: { exitCode: 2, remedy: /--yes/ } })
  t.same(seen, freshCluster())
  t.match(await run(seen, { yes: true }), { failure: undefined, asked: { length: 0 } })
  t.match(await diagnose(seen), { result: 'pass' })
})

t.test('if harden is cut off, the doctor says what is left, and the next run does it', async (t) => {
  for (const cut of [0, 1, 2, 3]) {
    const seen = freshCluster()
    let left = cut
    const mend: HardenedCluster['mend'] = async (change) => {
      if (left === 0) throw new Error('killed')
      left -= 1
      return mendIn(seen)(change)
    }
    await run(seen, { yes: true, mend })
    const hardens = (await diagnose(seen)).checks.filter((check) => check.hardens)
    t.equal(hardens.length, 4 - cut, `${cut}`)
    await run(seen, { yes: true })
    t.match(await diagnose(seen), { result: 'pass' }, `${cut}`)
  }
})

t.test('one change that fails does not stop the others, and gives the exit code', async (t) => {
  const seen = freshCluster()
  const mend: HardenedCluster['mend'] = async (change) => {
    if (change.verb === 'delete' && change.object.kind === 'Secret') throw new ProblemError('revision-changed')
    return mendIn(seen)(change)
  }
  const { failure } = await run(seen, { yes: true, mend })
  t.match(failure, { errors: [{ exitCode: 6, code: 'revision-changed' }] })
  const open = (await diagnose(seen)).checks.filter(({ hardens }) => hardens).map(({ name }) => name)
  t.same(open, ['bootstrap-tokens'])
})

t.test('names in the cluster cannot steer the terminal', async (t) => {
  const seen = freshCluster()
  for (const one of seen.tokens) one.name = 'bootstrap-token-\x1b[2J'
  const { out } = await run(seen, { yes: true })
  t.match(out, /bootstrap-token-\\u\{1b\}\[2J deleted/)
  t.notMatch(out, '\x1b')
})
