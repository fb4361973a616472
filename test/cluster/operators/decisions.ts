import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { manifests } from '@joinery/kube/manifests'
import { decisionPolicy } from '@joinery/kube/names'
import type { DecisionStatus, EnrolmentView } from '@joinery/protocol/door'
import type { Test } from 'tap'
import { stringify } from 'yaml'
import { startApiProxy } from '../api-proxy.ts'
import { waitFor } from '../bed/wait-for.ts'
import { type DecisionObject, doorDesk } from '../door-desk.ts'
import { typist } from '../kubectl-page.ts'
import { olderDefinition } from '../older-definition.ts'
import { paperMachine } from '../paper-machine.ts'
import { processInBed } from '../process-in-bed.ts'
import { minutes, type Product } from '../product.ts'

/**
 * The Kubernetes door with the real server behind it: by the commands of its page, when the policy is away, and when the API server is
 * slow, full or forgetful.
 */
export const decidesByObjects = async (t: Test, product: Product): Promise<void> => {
  const { bed, tryJoinery, joinery, show, reaches } = product
  const desk = doorDesk(product)
  const { decision, kubectl, make, must, refusal, settled } = desk
  await desk.bind('joinery-approver', 'alice')
  await desk.bind('joinery-admin', 'adam')
  // he makes Decisions, and has none of the verbs
  await must('', ['create', 'clusterrole', 'maker', '--verb=get,list,create', '--resource=decisions.joinery.dev'])
  await desk.bind('maker', 'bob')

  const pending = async (name: string) => {
    const machine = paperMachine(product, name)
    const { id } = await machine.enrol((await product.code(name)).code)
    return { machine, id }
  }
  const said = async (name: string, event: string): Promise<number> =>
    (await show(name)).timeline.filter((entry) => entry.event === event).length
  const serverLog = () => readFile(join(bed.logs, 'joinery-server.log'), 'utf8')
  /** Waits until the server has logged this after what it has logged so far. */
  const logs = async (words: RegExp): Promise<() => Promise<string>> => {
    const { length } = await serverLog()
    const since = async () => (await serverLog()).slice(length)
    return () => waitFor(`the server to log ${words}`, since, (text) => words.test(text), minutes)
  }
  const problemsOf = (statuses: readonly DecisionStatus[]): string[] => statuses.map(({ code = 'applied' }) => code)
  const many = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one)

  interface Shown {
    metadata: object
    /** Absent for a moment after the object was made. */
    status?: EnrolmentView
  }
  const view = async (id: string): Promise<Shown | undefined> => {
    const text = await must('', ['get', 'enrolment', id, '--ignore-not-found', '-o', 'json'])
    return text === '' ? undefined : JSON.parse(text)
  }
  const isShown = (id: string, state: string) =>
    waitFor(
      `${id} to be shown as ${state}`,
      () => view(id),
      (seen) => seen?.status?.state === state,
      minutes
    )

  t.test('a person sees a machine, approves it and waits for it, by the commands of the page', async (t) => {
    const { env, block, type } = await typist(bed, desk, 'alice')
    const watch = await bed.spawn('get-watch', ['kubectl', 'get', 'enrolments', '--watch'], { env })
    const { machine, id } = await pending('worker-1')
    await isShown(id, 'pending')
    t.match(await type(`kubectl describe enrolment ${id}`), /Role: +worker\n[\s\S]* State: +pending\n/)
    t.match(
      await type(block('kubectl explain', id)),
      / revision\t<integer> -required-\n +Revision of the state and the evidence/
    )
    t.match(await type('kubectl get enr --field-selector status.state=pending,status.name=worker-1'), new RegExp(id))
    await desk.policyCounts()
    t.match(await type(block('generateName', id)), /decision.joinery.dev\/approve-\w+ created/)

    const waits = type(block('kubectl wait', id, { of: 'condition=Ready', to: 'condition=Approved' }))
    // a view has the state of now: what an enrolment was only for a moment is not shown
    await isShown(id, 'approved')
    await machine.claimToken()
    t.match(await waits, /condition met/)
    const seen = () => readFile(join(bed.logs, 'get-watch.log'), 'utf8')
    await waitFor(
      'the watch to show each state',
      seen,
      (text) => /pending[\s\S]*approved[\s\S]*joining/.test(text),
      minutes
    )
    watch.kill()
    const { timeline } = await show('worker-1')
    t.match(
      timeline.find(({ event }) => event === 'approve'),
      { actor: 'operator', by: 'alice', decision: /^[0-9a-f-]{36}$/ }
    )
  })

  t.test('a Decision that is made again, under its name or out of a backup, is another one', async (t) => {
    await Promise.all(['kept-1', 'kept-2'].map(pending))
    const kept = { name: 'kept' }
    await make('alice', await decision('kept-1', 'alice', {}, kept))
    t.match(await settled(['kept']), [{ result: 'applied' }])
    const { spec } = JSON.parse(await must('', ['get', 'decision', 'kept', '-o', 'json'])) as DecisionObject
    const { revision } = await show('kept-1')

    await must('adam', ['delete', 'decision', 'kept'])
    await make('alice', await decision('kept-2', 'alice', {}, kept))
    t.match(await settled(['kept']), [{ result: 'applied', message: /kept-2/ }])

    const backup = { ...(await decision('kept-1', 'alice')), spec }
    t.match(await refusal('adam', ['create', '-f', '-'], backup), /names who made it: adam/)
    t.match(await settled(await make('alice', backup)), [{ result: 'refused', code: 'revision-changed' }])
    t.match(await show('kept-1'), { state: 'approved', revision })
  })

  t.test('an API server that turns calls away, answers 409 or forgets a list loses no Decision', async (t) => {
    const names = ['turned-away', 'conflicted', 'forgotten', 'late', 'later']
    await Promise.all(names.map(pending))
    // more than a page of them is there then, and none of these fits
    const spoilt = await decision('late', 'alice', { revision: 99 })
    await settled(await make('alice', ...many(210, spoilt)), 2 * minutes)
    const proxy = await startApiProxy(bed)
    const decisions = '/apis/joinery.dev/v1beta1/decisions'
    const rejecting = async (answer: { method: string; url: string; status: number }, name: string) => {
      await proxy.obey({ answers: [answer] })
      const made = await make('alice', await decision(name, 'alice'))
      await proxy.answered(new RegExp(`^${answer.status} ${answer.method} `, 'm'), minutes)
      return made
    }
    const turnedAway = await rejecting({ method: 'GET', url: `^${decisions}`, status: 429 }, 'turned-away')
    t.equal((await show('turned-away')).state, 'pending')
    await proxy.obey({})
    t.match(await settled(turnedAway), [{ result: 'applied' }])

    const conflicted = await rejecting({ method: 'PUT', url: `^${decisions}/.*/status`, status: 409 }, 'conflicted')
    await reaches('conflicted', 'approved', minutes)
    t.equal(await must('', ['get', 'decision', ...conflicted, '-o', 'jsonpath={.status}']), '')

    const forgotten = await rejecting({ method: 'GET', url: `^${decisions}.*continue=`, status: 410 }, 'forgotten')
    t.equal((await show('forgotten')).state, 'pending', 'no list was read to its end')
    await proxy.obey({})
    t.match(await settled([...forgotten, ...conflicted]), many(2, { result: 'applied' }))
    for (const name of names.slice(0, 3)) t.equal(await said(name, 'approve'), 1, name)

    const decided = [await decision('later', 'alice'), await decision('late', 'alice')]
    await product.kill()
    const late = await make('alice', ...decided)
    // the server lives by the clock of the API server
    await proxy.obey({ ahead: 61 * minutes })
    await product.start()
    t.match(await settled(late), many(2, { result: 'refused', code: 'illegal-event', message: /older than an hour/ }))
    await proxy.end()
  })

  t.test('a Decision is applied once by an API server that stands still for a while', async (t) => {
    await pending('slow')
    const approval = await decision('slow', 'alice')
    await product.kill()
    const made = await make('alice', approval)
    const apiServer = await processInBed(bed, 'kube-apiserver')
    process.kill(apiServer, 'SIGSTOP')
    try {
      await product.start()
      await sleep(3_000)
      t.equal((await show('slow')).state, 'pending')
    } finally {
      process.kill(apiServer, 'SIGCONT')
    }
    t.match(await settled(made), [{ result: 'applied' }])
    t.equal(await said('slow', 'approve'), 1)
  })

  const own = manifests({ credential: 'token', kubeProxy: false }).filter(
    ({ metadata }) => metadata.name === decisionPolicy
  )
  const guarded = async (is: boolean, probe: DecisionObject): Promise<void> => {
    const tried = () => refusal('bob', ['create', '--dry-run=server', '-f', '-'], probe)
    await waitFor(`the policy to be ${is ? 'there' : 'away'}`, tried, (words) => (words !== '') === is, minutes)
  }

  t.test(
    'while its binding is away, and while it is put back, nothing is applied that bob decides as alice',
    async (t) => {
      const kind = 'ValidatingAdmissionPolicyBinding'
      const [name, another] = ['unguarded-1', 'unguarded-2']
      await Promise.all([name, another].map(pending))
      // he also tries to have it outlive its deletion
      const forged = await decision(name, 'alice', {}, { generateName: 'forged-', finalizers: ['example.org/keep'] })
      const probe = await decision(name, 'alice')
      const manifest = own.find((one) => one.kind === kind)
      await must('', ['delete', kind, decisionPolicy])
      await guarded(false, probe)
      const made = [...(await make('bob', forged)), ...(await make('alice', probe))]
      t.match(await settled(made), many(2, { result: 'refused', code: 'cluster-unsafe', message: /joinery-decisions/ }))
      const { code, stdout, stderr } = await tryJoinery('status')
      t.equal(code, 1)
      t.match(stdout + stderr, /whoever may make a Decision can decide as somebody else.*\n?.*no Decision is applied/)

      const holds = await logs(/the policy holds again: Decisions/)
      const { begun, ended } = forgeUntilRefused(probe)
      await begun
      await must('', ['create', '-f', '-'], stringify(manifest))
      const more = await ended
      await holds()
      t.same([...new Set(problemsOf(await settled(more)))], ['cluster-unsafe'])
      t.match(await show(name), { state: 'pending' })
      // what was made in the first seconds of the policy is refused as well
      await sleep(4_000)
      t.match(await settled(await make('alice', await decision(another, 'alice'))), [{ result: 'applied' }])
      const unkept = '{"metadata":{"finalizers":null}}'
      await must('', ['patch', 'decision', made[0] ?? '', '--type=merge', '-p', unkept])
    }
  )

  /** Has bob decide as alice until the API server refuses it. `begun`: the first was taken. `ended`: names of all that were. */
  const forgeUntilRefused = (forged: DecisionObject): { begun: Promise<void>; ended: Promise<string[]> } => {
    const { promise: begun, resolve } = Promise.withResolvers<void>()
    const forge = async (): Promise<string[]> => {
      const names: string[] = []
      for (;;) {
        const { code, stdout } = await kubectl('bob', ['create', '-o', 'name', '-f', '-'], forged)
        if (code !== 0) return names
        names.push(stdout.trim().split('/')[1] ?? '')
        resolve()
      }
    }
    return { begun, ended: forge() }
  }

  t.test('with a definition of an older version the server judges by its own schema', async (t) => {
    const name = 'older'
    await pending(name)
    const apply = ['apply', '--server-side', '--field-manager=joinery', '--force-conflicts', '-f', '-']
    await must('', apply, olderDefinition('decisions'))
    const bent = (differs: object) => decision(name, 'alice', differs)
    const long = await bent({ reason: 'x'.repeat(1_000_000) })
    const tried = () => refusal('alice', ['create', '--dry-run=server', '-f', '-'], long)
    await waitFor('the older definition to be served', tried, (words) => words === '', minutes)
    const rows: [what: string, user: string, object: DecisionObject][] = [
      ['a reason of a megabyte', 'alice', long],
      ['a reason that turns the writing', 'alice', await bent({ reason: 'a\u202eb' })],
      ['the name of a Node in place of an id', 'alice', await bent({ enrolment: name })],
      ['a key that is none', 'alice', await bent({ key: 'sha256:x' })],
      ['a revision below zero', 'alice', await bent({ revision: -1 })],
      ['a rejection without a reason', 'alice', await bent({ verdict: 'reject' })],
      [
        'a Node that the definition does not know',
        'adam',
        await decision(name, 'adam', { verdict: 'replace', node: 'x' })
      ]
    ]
    const names: string[] = []
    for (const [, user, object] of rows) names.push(...(await make(user, object)))
    for (const [index, status] of (await settled(names)).entries()) {
      t.match(status, { result: 'refused', code: 'invalid-request' }, rows[index]?.[0] ?? '')
    }
    const create = ['create', '-f', '-']
    t.match(await refusal('alice', create, await bent({ role: undefined })), /no such key: role/)
    const annotations = { 'example.org/a': 'x'.repeat(1_000_000) }
    const annotated = await decision(name, 'alice', {}, { generateName: 'd-', annotations })
    t.match(await refusal('alice', create, annotated), /annotations: Too long/)
    t.equal((await show(name)).state, 'pending')

    const approval = await bent({})
    await product.kill()
    const [open = ''] = await make('alice', approval)
    const patch = ['patch', 'decision', open, '--type=merge', '-p', '{"spec":{"verdict":"reject","reason":"no"}}']
    t.match(await refusal('', patch), /nobody changes it/)
    await product.start()
    t.match(await settled([open]), [{ result: 'applied', state: 'approved' }])
    await product.setup()
  })

  t.test('a server whose definitions are deleted lives on, names setup, and goes on after it', async (t) => {
    const definitions = ['crd', 'enrolments.joinery.dev', 'decisions.joinery.dev']
    const words = await refusal('', ['delete', ...definitions])
    t.match(words, /enrolments[\s\S]*its objects would go with it[\s\S]*decisions[\s\S]*its objects would go with it/)
    await must('', ['annotate', ...definitions, 'joinery.dev/allow-deletion=true'])
    await must('', ['delete', ...definitions])
    const status = () => tryJoinery('status')
    const isMissed = ({ stdout, stderr }: { stdout: string; stderr: string }) =>
      /Decisions of the cluster are not/.test(stdout + stderr) && /does not show the enrolments/.test(stdout + stderr)
    const { stdout, stderr } = await waitFor('status to name both', status, isMissed, minutes)
    t.match(stdout + stderr, /joinery-server setup --kubeconfig/)
    t.match(await joinery('list'), /worker-1/)
    // machines are served as before
    await pending('after')
    const { id, state } = await show('worker-1')
    await product.setup()
    const approval = await decision('after', 'alice')
    const tried = () => refusal('alice', ['create', '--dry-run=server', '-f', '-'], approval)
    await waitFor('the definitions to be served again', tried, (words) => words === '', minutes)
    const made = await make('alice', approval)
    const [, statuses] = await Promise.all([isShown(id, state), settled(made, 2 * minutes)])
    t.match(statuses, [{ result: 'applied' }])
  })
}
