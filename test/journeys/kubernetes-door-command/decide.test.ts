import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '@joinery/fake-kubernetes'
import { doorGroup, doorVersion, earlierVersion } from '@joinery/kube/door'
import { eventually } from '@joinery/testing/clocks/eventually'
import { shortSleep } from '@joinery/testing/clocks/short-sleep'
import { joined } from '@joinery/testing/pairing/joined'
import { enrolled } from '@joinery/testing/pairing/steps'
import t from 'tap'
import { openBehindFront, openBehindFrontWithoutReader, viewed, written } from './behind-the-front.ts'

const definitions = { group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' }
const decisions = { group: doorGroup, plural: 'decisions' }

const decisionsMade = (lines: readonly string[]): number => lines.filter((line) => line.startsWith('POST')).length

t.test('a Decision has the look that was shown, the name of its user, and a name of its own', async (t) => {
  const { pairing, front, joinery, waiting } = await openBehindFront(t)
  const { id, words } = await waiting('worker-1')
  t.match(await joinery(...words), { exitCode: 0, out: 'enrolment/worker-1 approved\n' })
  const { revision, key } = await pairing.operator.show(id).then(({ approved }) => approved ?? { revision: 0, key: '' })
  const [made] = front.requests.filter(({ line }) => /^POST .*decisions/.test(line))
  const { metadata, spec } = JSON.parse(made?.body ?? '{}')
  t.same(spec, { enrolment: id, role: 'worker', verdict: 'approve', revision, key, by: 'alice' })
  t.match(metadata.name, /^approve-[0-9a-f]{16}-[0-9a-f]{32}$/)
  const { timeline } = await pairing.operator.show(id)
  t.match(
    timeline.find(({ event }) => event === 'approve'),
    { by: 'alice', decision: /./ }
  )
})

t.test('C5: an approval that somebody changed on its way is not carried out, and the command says so', async (t) => {
  const { pairing, front, joinery, waiting } = await openBehindFront(t)
  const { words } = await waiting('worker-1')
  const other = await waiting('worker-2')
  const look = await pairing.operator.show('worker-2')
  front.mutate = (spec) => ({ ...spec, enrolment: other.id, key: look.key, revision: look.revision })
  t.match(await joinery(...words), { exitCode: 6, out: '', err: /is another one by now: somebody changed it/ })
  const [made] = await eventually('the Decision is settled', async () => {
    const { items } = (await pairing.decisions.page(10)) ?? { items: [] }
    return items.every(({ isSettled }) => isSettled) && items
  })
  t.match((await pairing.decisions.read(made?.name ?? ''))?.status, {
    result: 'refused',
    code: 'cluster-unsafe',
    message: /a webhook or a MutatingAdmissionPolicy changed it/
  })
  t.match(await joinery(...words, '--dry-run=server'), { exitCode: 6, err: /would keep another Decision/ })
  for (const name of ['worker-1', 'worker-2']) t.equal((await pairing.operator.show(name)).state, 'pending', name)
  front.mutate = (spec) => spec
  t.match(await joinery(...words), { exitCode: 0, out: 'enrolment/worker-1 approved\n' })
})

t.test('a command that is cut before its Decision is there decides nothing, and the next one decides', async (t) => {
  const { pairing, front, joinery, waiting } = await openBehindFront(t)
  const { words } = await waiting('worker-1')
  front.fault({ request: /^POST .*decisions/, answer: 'cut' })
  const cut = await joinery(...words)
  t.match(cut, {
    exitCode: 1,
    out: '',
    err: /error: nobody knows whether it was made: if so, the Decision approve-[\w-]+ stays open for an hour\nremedy: watch it: kubectl get decision approve-[\w-]+ -w; take it back, if you may: kubectl delete decision approve-[\w-]+\n$/
  })
  t.equal((await pairing.operator.show('worker-1')).state, 'pending')
  t.match(await joinery(...words), { exitCode: 0, out: 'enrolment/worker-1 approved\n' })
})

t.test('a command that loses the answer to its Decision finds it, and makes no second one', async (t) => {
  const { pairing, front, joinery, waiting } = await openBehindFront(t)
  const { words } = await waiting('worker-1')
  front.fault({ request: /^POST .*decisions/, answer: 'cut', carriedOut: true })
  t.match(await joinery(...words), { exitCode: 0, out: 'enrolment/worker-1 approved\n' })
  t.equal(decisionsMade(written(front)), 1)
  const { timeline } = await pairing.operator.show('worker-1')
  t.equal(timeline.filter(({ event }) => event === 'approve').length, 1)
})

t.test('a Decision that arrives twice is one Decision', async (t) => {
  const { front, joinery, waiting } = await openBehindFront(t)
  const { words } = await waiting('worker-1')
  front.fault({ request: /^POST .*decisions/, answer: { status: 409, message: 'already exists' }, carriedOut: true })
  t.match(await joinery(...words), { exitCode: 0, out: 'enrolment/worker-1 approved\n' })
  t.equal(decisionsMade(written(front)), 1)
})

t.test(
  'a command that is killed after its Decision leaves it, it is applied, and the same command again is content',
  async (t) => {
    const { pairing, front, joinery, waiting } = await openBehindFront(t)
    const { words } = await waiting('worker-1')
    // everything after the Decision is lost, as after a kill
    front.fault({ request: /^GET .*decisions\/approve-/, answer: { status: 403, message: 'gone' }, times: 1 })
    t.match(await joinery(...words), { exitCode: 4, out: '', err: /stays open for an hour/ })
    await eventually('it is applied', async () => {
      await pairing.look()
      return (await pairing.operator.show('worker-1')).state !== 'pending'
    })
    t.match(await joinery(...words), { exitCode: 0, out: 'enrolment/worker-1 approved\n' })
    t.equal(decisionsMade(written(front)), 1)
  }
)

t.test('two operators who decide at once decide once', async (t) => {
  const { pairing, joineryAs, waiting } = await openBehindFront(t)
  const { words } = await waiting('worker-1')
  const ran = await Promise.all(['alice', 'carol'].map((user) => joineryAs(user, words)))
  t.same(ran.map(({ exitCode }) => exitCode).sort(), [0, 6])
  t.match(
    ran.find(({ exitCode }) => exitCode === 6)?.err,
    /\(revision-changed\)\nremedy: look again: joinery show worker-1\n$/
  )
  const { timeline } = await pairing.operator.show('worker-1')
  t.equal(timeline.filter(({ event }) => event === 'approve').length, 1)
})

t.test('an answer of the server that comes late is waited for, and the API server may be away meanwhile', async (t) => {
  const { front, joinery, waiting } = await openBehindFront(t)
  const { words } = await waiting('worker-1')
  front.fault({
    request: /^GET .*decisions\/approve-/,
    answer: { status: 429, headers: { 'retry-after': '1' } },
    times: 2
  })
  front.fault({ request: /^GET .*decisions\/approve-/, answer: 'cut', times: 2 })
  t.match(await joinery(...words), { exitCode: 0, out: 'enrolment/worker-1 approved\n' })
})

t.test(
  'if the server does not answer, the command says that the Decision stays open, and how to take it back',
  async (t) => {
    const { pairing, front, joinery, waiting } = await openBehindFrontWithoutReader(t)
    const { words } = await waiting('worker-1')
    const { exitCode, out, err } = await joinery(...words)
    t.same([exitCode, out], [5, ''])
    t.match(
      err,
      /error: no answer of the pairing server within 60 s; the Decision (approve-[\w-]+) stays open for an hour\nremedy: watch it: kubectl get decision \1 -w; take it back, if you may: kubectl delete decision \1\n$/
    )
    const rejected = await joinery('reject', 'worker-1', '--reason', 'not ours')
    t.match(rejected, { exitCode: 5, err: /the Decision reject-[\w-]+ stays open for 7 days/ })
    t.equal(decisionsMade(written(front)), 2)
    t.equal((await pairing.operator.show('worker-1')).state, 'pending')
  }
)

t.test('Ctrl-C while it waits says the same, and before the Decision and after the answer nothing', async (t) => {
  for (const [isOff, open] of [
    [true, openBehindFrontWithoutReader],
    [false, openBehindFront]
  ] as const) {
    const { front, joineryAs, waiting } = await open(t)
    const { words } = await waiting('worker-1')
    const heard: { at: string; listens: boolean }[] = []
    let told: (() => void) | undefined
    const onInterrupt = (now: () => void) => {
      heard.push({ at: `${written(front).length} made`, listens: true })
      told = now
      return () => {
        heard.push({ at: `${written(front).length} made`, listens: false })
        told = undefined
      }
    }
    let pressed = false
    const pause = async () => {
      if (isOff && !pressed) told?.()
      pressed = true
    }
    const { err } = await joineryAs('alice', words, { onInterrupt, pause })
    if (isOff)
      t.match(
        err,
        /the Decision (approve-[\w-]+) stays open for an hour\nto do: watch it: kubectl get decision \1 -w; /
      )
    else t.notMatch(err, /stays open/)
    t.same(heard, [
      { at: '0 made', listens: true },
      { at: '1 made', listens: false }
    ])
  }
})

t.test('the refusal of the policy, of RBAC, or of the credential ends with denied, in plain words', async (t) => {
  const { pairing, front, joineryAs, joinery, waiting } = await openBehindFront(t)
  const { words } = await waiting('worker-1')
  front.verbs.set('bob', ['reject'])
  const bob = await joineryAs('bob', words)
  t.match(bob, {
    exitCode: 4,
    out: '',
    err: /\nerror: bob may not approve enrolments\nremedy: ask an administrator .*kubectl auth whoami\n$/
  })
  const forbidden =
    'decisions.joinery.dev is forbidden: User "alice" cannot create resource "decisions" in API group "joinery.dev" at the cluster scope'
  front.fault({ request: /^POST .*decisions/, answer: { status: 403, message: forbidden } })
  t.match(await joinery(...words), {
    exitCode: 4,
    out: '',
    err: /\nerror: alice may not create decisions\.joinery\.dev\n/
  })
  front.fault({ request: /^GET .*enrolments/, answer: { status: 401, message: 'Unauthorized' } })
  t.match(await joinery(...words), {
    exitCode: 4,
    out: '',
    err: /^error: the API server does not accept your credential \(401\)\n/
  })
  t.equal((await pairing.operator.show('worker-1')).state, 'pending')
})

t.test('a Decision that comes back as another one, broken or not at all is not believed', async (t) => {
  const { pairing, front, joinery, joineryAs, waiting } = await openBehindFrontWithoutReader(t)
  const { objects } = pairing.cluster.fake
  const { id, words } = await waiting('worker-1')
  const applied = { result: 'applied', message: 'worker-1 is approved', state: 'approved', at: '2026-11-25T12:00:00Z' }
  const spec = {
    enrolment: id,
    role: 'worker',
    verdict: 'approve',
    key: words[5],
    revision: Number(words[3]),
    by: 'alice'
  }
  const hostile: [object | string, number, RegExp][] = [
    [
      { spec: { ...spec, by: 'mallory' }, status: applied },
      6,
      /the Decision approve-[\w-]+ is another one by now: somebody changed it/
    ],
    [
      { spec: { ...spec, enrolment: id.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) }, status: applied },
      6,
      /is another one by now/
    ],
    [{ spec, status: { ...applied, result: 'done' } }, 1, /of decisions\.joinery\.dev does not fit/],
    [{ spec, status: { ...applied, message: 'a\u001b[2Jb' } }, 1, /of decisions\.joinery\.dev does not fit/],
    [{ spec, status: { result: 'refused', code: 'odd', message: 'no', at: applied.at } }, 6, /error: no \(odd\)\n/],
    ['<html>', 1, /the answer is not one of an API server/],
    ['null', 1, /does not fit/],
    ['[]', 1, /does not fit/]
  ]
  for (const [answer, exitCode, why] of hostile) {
    // its name is known only when it is asked for
    const named = (name: string) =>
      typeof answer === 'string'
        ? answer
        : JSON.stringify({ metadata: { name, uid: 'u', creationTimestamp: applied.at }, ...answer })
    front.answerAs(/^GET .*decisions\/(approve-[\w-]+)$/, named)
    const ran = await joinery(...words)
    t.match(
      { ...ran, isSame: isDeepStrictEqual(ran.out, '') },
      { exitCode, isSame: true, err: why },
      JSON.stringify(answer)
    )
    t.notOk(ran.err.includes('\u001b'), JSON.stringify(answer))
  }
  const removed = await joineryAs('alice', words, {
    pause: async () => {
      for (const { metadata } of objects.list(decisions)) objects.delete(decisions, metadata.name)
    }
  })
  t.match(removed, {
    exitCode: 6,
    out: '',
    err: /error: the Decision approve-[\w-]+ was deleted before the pairing server answered\nremedy: see what became of the enrolment: joinery show /
  })
})

t.test(
  'without the kinds, and in each trouble of the API server, the command says what is wrong and what to do',
  async (t) => {
    const { pairing, front, joinery, waiting } = await openBehindFront(t)
    const { words } = await waiting('worker-1')
    const list = /^GET .*\/enrolments\?/
    const troubles: [Parameters<typeof front.fault>[0]['answer'], number, RegExp][] = [
      [
        { status: 429, message: 'too many requests' },
        1,
        /^error: the API server cannot serve now \(429\): too many requests\n/
      ],
      [
        { status: 500, message: 'etcdserver: timed out' },
        1,
        /^error: the API server cannot serve now \(500\): etcdserver: timed out\n/
      ],
      [{ status: 400, message: 'field label not supported' }, 2, /^error: the API server refuses it \(400\)/],
      [{ status: 410, message: 'too old' }, 1, /^error: the API server refuses it \(410\)/],
      ['cut', 1, /^error: https:\/\/127\.0\.0\.2:\d+: it closed the connection\nremedy: kubectl version/],
      [{ body: 'hello' }, 1, /^error: the answer is not one of an API server/]
    ]
    for (const [answer, exitCode, why] of troubles) {
      front.fault({ request: list, answer })
      t.match(await joinery('list', '--name', 'worker-1'), { exitCode, out: '', err: why }, JSON.stringify(answer))
    }
    front.fault({
      request: /^POST .*decisions/,
      answer: { status: 422, message: 'Decision.joinery.dev "x" is invalid: spec.key' }
    })
    t.match(await joinery(...words), {
      exitCode: 2,
      out: '',
      err: /error: the API server refuses it \(422\): Decision/
    })
    front.fault({ request: /^POST .*decisions/, answer: { status: 429, message: 'too many' } })
    const busy = await joinery(...words)
    t.match(busy, { exitCode: 1, out: '', err: /error: the API server cannot serve now \(429\): too many\n$/ })
    t.notMatch(busy.err, /nobody knows/)
    const notSetUp = {
      exitCode: 1,
      out: '',
      err: 'error: the cluster does not serve joinery.dev/v1beta1 (404)\nremedy: on the host of the pairing server: joinery-server setup --kubeconfig /etc/kubernetes/admin.conf\n'
    }
    const { fake, views } = pairing.cluster
    const made = fake.objects.list<KubeObject & { spec: { versions: { name: string }[] } }>(definitions)
    const serve = (...names: string[]) => {
      for (const { spec, ...rest } of made) {
        const both = [
          ...spec.versions,
          ...spec.versions.map((one) => ({ ...one, name: earlierVersion, storage: false }))
        ]
        const versions = both.map((one) => ({ ...one, served: names.includes(one.name) }))
        fake.objects.replace(definitions, { ...rest, spec: { ...spec, versions } })
      }
    }
    serve(earlierVersion)
    t.match(await joinery('list'), notSetUp, 'a cluster of before')
    serve(earlierVersion, doorVersion)
    t.match(await joinery('list'), { exitCode: 0 }, 'while objects are moved')
    views.deleteDefinitions()
    t.match(await joinery('list'), notSetUp)
    t.match(await joinery(...words), { exitCode: 1, out: '', err: /joinery-server setup/ })
    await front.close()
    t.match(await joinery('list'), {
      exitCode: 1,
      out: '',
      err: /^error: https:\/\/127\.0\.0\.2:\d+: connection refused\n/
    })
  }
)

t.test('replace makes one Decision, and waits until the Pods of the old Node are gone', async (t) => {
  const { pairing, front, joineryAs } = await openBehindFront(t)
  await joined(pairing, 'worker-1')
  await enrolled(pairing, 'worker-1')
  const { items } = await pairing.operator.list({ name: 'worker-1', state: 'pending' })
  await viewed(pairing.cluster, items[0]?.id ?? '')
  await pairing.cluster.bindPod('web-1', 'worker-1')
  let pauses = 0
  const quick = shortSleep(10)
  const { exitCode, out, err } = await joineryAs('alice', ['approve', 'worker-1', '--replace', '--yes', '--no-drain'], {
    pause: async (milliseconds) => {
      pauses += 1
      if (pauses === 10) await pairing.cluster.deletePod('web-1')
      await quick(milliseconds)
    }
  })
  t.same([exitCode, out], [0, 'enrolment/worker-1 approved\n'], err)
  t.match(err, /\nNode worker-1: Ready, age [^\n]*\nPods that are not evicted:/)
  t.match(err, /\nThe Decision replace-[\w-]+ is open; waiting until Kubernetes has taken the Pods away\n/)
  t.ok(pauses >= 10, `${pauses} pauses`)
  t.equal(decisionsMade(written(front)), 1)
})
