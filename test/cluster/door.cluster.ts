import { definitions, enrolmentVerbs } from '@joinery/kube/door'
import { manifestStream } from '@joinery/kube/manifests'
import { serverUsername } from '@joinery/kube/names'
import { bindsAnother, type DecisionSpec, decisionName } from '@joinery/protocol/door'
import t from 'tap'
import { stringify } from 'yaml'
import { openBed } from './bed/bed.ts'
import { waitFor } from './bed/wait-for.ts'
import { kubectlAs } from './door-desk.ts'
import { earlierDefinitions } from './earlier-definitions.ts'
import { mutatingPolicy } from './mutating-policy.ts'
import { serverProgram } from './product.ts'

t.setTimeout(0)

/**
 * The objects of the Kubernetes door on a real API server: what each kind of user is answered. There is no pairing server and no
 * machine here: the API server alone refuses what must not be.
 */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs: ${bed.logs}`)

const { kubectl, refusal, ...as } = kubectlAs(bed)
const many = (one: string): string[] => definitions.map(() => one)
const must = (words: readonly string[], input?: object | string): Promise<string> => as.must('', words, input)

const operators = { viewer: 'vera', auditor: 'audrey', approver: 'alice', admin: 'adam' }
for (const [role, user] of Object.entries(operators)) {
  await must(['create', 'clusterrolebinding', `door-${role}`, `--clusterrole=joinery-${role}`, `--user=${user}`])
}
// a role that somebody made too wide: it reads and makes everything, and has none of the verbs
await must(['create', '-f', '-'], {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'wide' },
  rules: [
    {
      apiGroups: ['joinery.dev'],
      resources: ['*'],
      verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']
    }
  ]
})
await must(['create', 'clusterrolebinding', 'wide', '--clusterrole=wide', '--user=wanda'])

const apply = ['apply', '--server-side', '--field-manager=joinery', '--force-conflicts', '-f', '-']
const inBed = async (...words: string[]): Promise<string> => {
  const { code, stdout, stderr } = await bed.exec([...serverProgram, ...words])
  if (code !== 0) throw new Error(`joinery-server ${words.join(' ')}: exit status ${code}\n${stderr}`)
  return stdout
}
const setup = (): Promise<string> => inBed('setup', '--kubeconfig', '/etc/kubernetes/admin.conf')

const [id, other] = ['019301b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b', '019301b2-7c3d-7e4f-8a5b-6c7d8e9f0a1c']
const key = `sha256:${'a'.repeat(64)}`
/** A view as a server of before wrote it: whole, and without conditions. */
const viewOfBefore = {
  state: 'pending',
  message: 'waiting for approval',
  name: 'worker-1',
  role: 'worker',
  revision: 3,
  key,
  keyShort: 'aaaa-aaaa-aaaa-aaaa-aaaa',
  address: '192.0.2.1',
  code: other,
  credential: 'token',
  created: '2026-11-29T00:00:00.000Z',
  since: '2026-11-29T00:00:00.000Z',
  machine: { os: 'Debian GNU/Linux 13', arch: 'x86_64', cpus: 2, memory: 2 ** 31, serial: '', kubelet: 'v1.37.2' },
  preflight: { fail: [], warn: [] },
  conflicts: 0,
  labels: { rack: 'r7' }
}
const installationOfBefore = {
  server: 'https://172.30.0.1:7443',
  pin: key,
  certificateAuthority: '-----BEGIN CERTIFICATE-----\n',
  apiEndpoint: '172.30.0.1:6443',
  version: '0.1.0'
}
const hashOfBefore = 'ef'.repeat(32)
const expires = '2026-12-20T00:00:00Z'
const ofBefore = [
  { kind: 'Enrolment', metadata: { name: id }, status: viewOfBefore },
  { kind: 'Installation', metadata: { name: 'joinery' }, status: installationOfBefore },
  {
    kind: 'Decision',
    metadata: { name: 'of-before' },
    spec: { enrolment: other, role: 'worker', verdict: 'approve', key, revision: 1, by: 'adam' }
  },
  { kind: 'Code', metadata: { name: hashOfBefore }, spec: { hash: hashOfBefore, role: 'worker', expires, by: 'adam' } },
  { kind: 'CodeTemplate', metadata: { name: 'rack-7' }, spec: { role: 'worker', name: 'worker-{n}' } }
].map((one) => ({ apiVersion: 'joinery.dev/v1alpha1', ...one }))
const path = '{range .items[*]}{.spec.versions[*].name}/{.status.storedVersions[*]} {end}'
const versions = async (): Promise<string[]> => {
  const names = definitions.map(({ metadata }) => metadata.name)
  return (await must(['get', 'crd', ...names, '-o', `jsonpath=${path}`])).trim().split(' ')
}
const found = async (version: string): Promise<unknown[]> =>
  Promise.all(
    ofBefore.map(async ({ kind, metadata: { name } }) => {
      const { spec, status } = JSON.parse(
        await must(['get', `${kind.toLowerCase()}s.${version}.joinery.dev`, name, '-o', 'json'])
      )
      return { ...(spec && { spec }), ...(status && { status }) }
    })
  )
const contents = ofBefore.map((one) => ({
  ...('spec' in one && { spec: one.spec }),
  ...('status' in one && { status: one.status })
}))

t.test('O3: setup moves the objects of a version of before, and no object is lost', async (t) => {
  for (const one of await earlierDefinitions()) await must(apply, stringify(one, { lineWidth: 0 }))
  await must(['wait', '--for=condition=Established', 'crd', '--all'])
  for (const one of ofBefore) await must(['create', '-f', '-'], one)
  t.same(await versions(), many('v1alpha1/v1alpha1'))

  const byGit = await refusal('', apply, manifestStream({ credential: 'token', kubeProxy: true }))
  t.equal(byGit.match(/must remain in spec.versions until a storage migration/g)?.length, definitions.length)
  t.same(await found('v1alpha1'), contents)

  await inBed('init', '--address', '172.30.0.1')
  const said = await setup()
  t.match(said, /enrolments.joinery.dev stored as v1beta1: 1 objects written again\n/)
  t.match(said, /joinery.dev\/v1alpha1 is still served, for a server of before: .* run joinery-server setup again\n/)
  t.same(await versions(), many('v1beta1 v1alpha1/v1beta1').join(' ').split(' '))
  for (const version of ['v1alpha1', 'v1beta1']) t.same(await found(version), contents, version)
  // a server of before writes its views whole, and the policies hold in its version too
  const written = { ...ofBefore[0], status: { ...viewOfBefore, state: 'approved' } }
  const { metadata } = JSON.parse(await must(['get', 'enrolment', id, '-o', 'json']))
  const replaced = { ...written, metadata: { name: id, resourceVersion: metadata.resourceVersion } }
  t.match(await refusal('', ['replace', '-f', '-'], replaced), /pairing server alone writes/)
  t.equal(await refusal(serverUsername, ['replace', '-f', '-'], replaced), '')
  t.equal(await bed.kubectl('get', 'enrolment', id, '-o', 'jsonpath={.status.state}'), 'approved')
  const [, , ofAdam, codeOfAdam] = ofBefore
  const another = 'cd'.repeat(32)
  for (const [kind, theirs] of [
    ['Decision', { ...ofAdam, metadata: { name: 'by-another' } }],
    ['Code', { ...codeOfAdam, metadata: { name: another }, spec: { ...codeOfAdam?.spec, hash: another } }]
  ] as const)
    t.match(await refusal('', ['create', '-f', '-'], theirs), /names who made it/, `${kind} in v1alpha1`)
  t.match(
    await refusal('', ['create', '-f', '-'], ofAdam),
    /v1alpha1 ends at the next joinery-server setup/,
    'a warning'
  )

  // the server has been upgraded: it writes a status of its own, with conditions
  const ready = { type: 'Ready', status: 'True', reason: 'Signed', message: '', lastTransitionTime: expires }
  const status = { ...installationOfBefore, conditions: [ready] }
  const installation = JSON.parse(await must(['get', 'installation', 'joinery', '-o', 'json']))
  await as.must(serverUsername, ['replace', '--subresource=status', '-f', '-'], { ...installation, status })
  t.match(await setup(), /joinery.dev\/v1alpha1 ended: all objects are joinery.dev\/v1beta1\n/)
  t.same(await versions(), many('v1beta1/v1beta1'))
  t.match(await found('v1beta1'), [{ status: { state: 'approved' } }, { status }, ...contents.slice(2)])
  t.match(await refusal('', ['get', 'enrolments.v1alpha1.joinery.dev']), /could not find the requested resource/)
  t.equal(await refusal('', apply, manifestStream({ credential: 'token', kubeProxy: true })), '', 'now Git may')
})

t.test('O3: kubectl waits for a condition, and sees all kinds by their category', async (t) => {
  const waits = ['wait', '--for=condition=Ready', `enrolment/${id}`]
  t.match(await refusal('', [...waits, '--timeout=1s']), /timed out/)
  const enrolment = JSON.parse(await must(['get', 'enrolment', id, '-o', 'json']))
  const ready = { type: 'Ready', status: 'True', reason: 'NodeReady', message: '', lastTransitionTime: expires }
  const status = {
    ...viewOfBefore,
    state: 'ready',
    observedGeneration: enrolment.metadata.generation,
    conditions: [ready]
  }
  await as.must(serverUsername, ['replace', '--subresource=status', '-f', '-'], { ...enrolment, status })
  t.match(await must([...waits, '--timeout=30s']), /condition met/)
  const written = JSON.parse(await must(['get', 'enrolment', id, '-o', 'json']))
  t.equal(written.metadata.generation, enrolment.metadata.generation, 'a status makes no generation')
  t.match(await must(['get', 'joinery']), /^enrolment.joinery.dev\/[\s\S]*^installation.joinery.dev\/joinery/m)
  t.match(await must(['explain', 'code.status']), /What became of the code; the server writes it\./)
  t.match(await must(['get', 'crd', '-l', 'app.kubernetes.io/name=joinery', '-o', 'name']), /enrolments.joinery.dev/)
  await as.must(serverUsername, ['delete', 'enrolment', id])
  await as.must(serverUsername, ['delete', 'installation', 'joinery'])
})
const apiVersion = 'joinery.dev/v1beta1'
const decision = (by: string, spec: object = {}, metadata: object = { generateName: 'd-' }) => ({
  apiVersion,
  kind: 'Decision',
  metadata,
  spec: { enrolment: id, role: 'worker', verdict: 'approve', key, revision: 3, by, ...spec }
})
const hash = 'ab'.repeat(32)
const code = (by: string, spec: object = {}, name = hash) => ({
  apiVersion,
  kind: 'Code',
  metadata: { name },
  spec: { hash, role: 'worker', expires: '2026-12-01T00:00:00Z', by, ...spec }
})
const create = (user: string, object: object): Promise<string> => refusal(user, ['create', '-f', '-'], object)

t.test('the policies come into force within a minute', async (t) => {
  const words = ['create', '--dry-run=server', '-f', '-']
  // the server is not exempt: that its own is refused proves the policy
  const own = () => refusal(serverUsername, words, decision('nobody'))
  t.match(await waitFor('the policy for Decisions', own, (said) => /a decision names/.test(said), 60_000), /names who/)
  const ownCode = () => refusal(serverUsername, words, code('nobody'))
  t.match(await waitFor('the policy for Codes', ownCode, (said) => /a code names/.test(said), 60_000), /names who/)
  t.match(await refusal(serverUsername, words, code(serverUsername)), /may not invite machines/)
})

t.test('a Decision is made by its own name, with the verb of its verdict', async (t) => {
  const node = '0a1b2c3d-0000-0000-0000-000000000000'
  const rows: [string, string, object, RegExp | ''][] = [
    ['an approver approves a worker', 'alice', decision('alice'), ''],
    ['somebody else is named', 'alice', decision('carol'), /names who made it: alice/],
    ['a viewer', 'vera', decision('vera'), /vera" cannot create resource "decisions"/],
    ['an auditor', 'audrey', decision('audrey'), /audrey" cannot create resource "decisions"/],
    ['nobody with a role', 'mallory', decision('mallory'), /mallory" cannot create resource "decisions"/],
    ['all rights on the objects, and no verb', 'wanda', decision('wanda'), /wanda may not approve enrolments/],
    [
      'an approver of workers lets a control plane in',
      'alice',
      decision('alice', { role: 'control-plane' }),
      /may not approve-control-plane/
    ],
    [
      'and tries it again',
      'alice',
      decision('alice', { role: 'control-plane', verdict: 'retry' }),
      /may not approve-control-plane/
    ],
    [
      'but rejects it',
      'alice',
      decision('alice', { role: 'control-plane', verdict: 'reject', reason: 'not ours' }),
      ''
    ],
    ['C6: an approver of workers releases one', 'alice', decision('alice', { verdict: 'release' }), ''],
    [
      'C6: but no control plane, whose key he would choose',
      'alice',
      decision('alice', { role: 'control-plane', verdict: 'release' }),
      /alice may not approve-control-plane/
    ],
    ['C6: an administrator does', 'adam', decision('adam', { role: 'control-plane', verdict: 'release' }), ''],
    ['an administrator lets a control plane in', 'adam', decision('adam', { role: 'control-plane' }), ''],
    ['no role', 'alice', decision('alice', { role: undefined }), /spec.role: Required/],
    ['a role written large', 'alice', decision('alice', { role: 'Worker' }), /spec.role: Unsupported value/],
    ['replace without its verb', 'alice', decision('alice', { verdict: 'replace', node }), /may not replace/],
    ['replace with both verbs', 'adam', decision('adam', { verdict: 'replace', node }), ''],
    ['replace without a Node', 'adam', decision('adam', { verdict: 'replace' }), /replace names the Node/],
    ['a Node with another verdict', 'adam', decision('adam', { node }), /replace names the Node/],
    ['reject without a reason', 'alice', decision('alice', { verdict: 'reject' }), /reject says why/],
    ['a verdict that nobody knows', 'adam', decision('adam', { verdict: 'grant' }), /spec.verdict: Unsupported value/],
    ['the server itself', serverUsername, decision(serverUsername), /may not approve/]
  ]
  for (const [what, user, object, expected] of rows) {
    const said = await create(user, object)
    if (expected === '') t.equal(said, '', what)
    else t.match(said, expected, what)
  }
})

t.test('replace asks for both of its verbs', async (t) => {
  const rules = (verb: string) => [
    { apiGroups: ['joinery.dev'], resources: ['decisions'], verbs: ['create'] },
    { apiGroups: ['joinery.dev'], resources: ['enrolments'], verbs: [verb] }
  ]
  const node = '0a1b2c3d-0000-0000-0000-000000000000'
  for (const [verb, lacks] of [
    ['approve', /may not replace/],
    ['replace', /may not approve/]
  ] as const) {
    const user = `only-${verb}`
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: user },
      rules: rules(verb)
    }
    await must(['create', '-f', '-'], role)
    await must(['create', 'clusterrolebinding', user, `--clusterrole=${user}`, `--user=${user}`])
    const said = () => create(user, decision(user, { verdict: 'replace', node }))
    t.match(await waitFor('the role', said, (text) => lacks.test(text), 30_000), lacks, verb)
  }
})

t.test('hostile input does not become a Decision', async (t) => {
  const rows: [string, object, RegExp][] = [
    ['an id with a slash', { enrolment: 'a/b' }, /spec.enrolment/],
    ['an id with ESC', { enrolment: `${id.slice(1)}\u001b` }, /spec.enrolment/],
    ['an empty id', { enrolment: '' }, /spec.enrolment/],
    ['the name of a Node', { enrolment: 'worker-1' }, /spec.enrolment/],
    ['a reason with ESC', { reason: 'a\u001b[31m' }, /spec.reason/],
    ['a reason with BEL', { reason: 'a\u0007' }, /spec.reason/],
    ['a reason that turns the writing', { reason: 'a\u202eb' }, /spec.reason/],
    ['a reason of a megabyte', { reason: 'x'.repeat(1_000_000) }, /spec.reason: Too long/],
    ['a key that is none', { key: 'sha256:x' }, /spec.key/],
    ['a revision below zero', { revision: -1 }, /spec.revision/]
  ]
  for (const [what, spec, expected] of rows) t.match(await create('alice', decision('alice', spec)), expected, what)
  const owner = { apiVersion: 'v1', kind: 'Node', name: 'none', uid: '0a1b2c3d-0000-0000-0000-000000000000' }
  const dressed: [string, object, RegExp][] = [
    ['a finalizer', { finalizers: ['example.org/keep'] }, /no finalizer and no owner/],
    ['an owner', { ownerReferences: [owner] }, /no finalizer and no owner/],
    ['an annotation of 200 KB', { annotations: { 'example.org/a': 'x'.repeat(200_000) } }, /at most 4096 characters/]
  ]
  for (const [what, metadata, expected] of dressed) {
    t.match(await create('alice', decision('alice', {}, { generateName: 'd-', ...metadata })), expected, what)
  }
})

t.test('a Decision is never changed, and the server alone says what became of it', async (t) => {
  await must(['--as', 'adam', 'create', '-f', '-'], decision('adam', {}, { name: 'kept' }))
  const patches: [string, string][] = [
    ['merge', '{"spec":{"verdict":"reject","reason":"x"}}'],
    ['json', '[{"op":"replace","path":"/spec/by","value":"alice"}]']
  ]
  for (const [type, patch] of patches) {
    t.match(
      await refusal('wanda', ['patch', 'decision', 'kept', '--type', type, '-p', patch]),
      /nobody changes it/,
      type
    )
  }
  const applied = decision('adam', { enrolment: other }, { name: 'kept' })
  const apply = ['apply', '--server-side', '--force-conflicts', '-f', '-']
  t.match(await refusal('wanda', apply, applied), /nobody changes it/, 'apply')
  const made = JSON.parse(await bed.kubectl('get', 'decision', 'kept', '-o', 'json'))
  const settled = { ...made, status: { result: 'applied', message: 'approved', at: '2026-01-01T00:00:00Z' } }
  const settle = ['replace', '--subresource=status', '-f', '-']
  t.match(await refusal('wanda', settle, settled), /pairing server alone says/)
  t.match(await refusal('', settle, settled), /pairing server alone says/, 'not even who may do everything')
  t.equal(await refusal(serverUsername, settle, settled), '')
  t.equal(await bed.kubectl('get', 'decision', 'kept', '-o', 'jsonpath={.status.result}'), 'applied')
})

t.test('C5: what changes a Decision on its way leaves it the name by which the server sees that', async (t) => {
  const sent = decision('adam')
  const name = decisionName(sent.spec as DecisionSpec, '0123456789abcdef')
  const policy = (path: string, value: string) =>
    must(['apply', '-f', '-'], mutatingPolicy('evil', 'replace', path, value))
  await policy('/spec/role', 'control-plane')
  const dry = () => as.must('adam', ['create', '--dry-run=server', '-o', 'jsonpath={.spec.role}', '-f', '-'], sent)
  await waitFor('the policy to be heeded', dry, (role) => role === 'control-plane', 60_000)
  await must(['--as', 'adam', 'create', '-f', '-'], { ...sent, metadata: { name } })
  const made = JSON.parse(await bed.kubectl('get', 'decision', name, '-o', 'json'))
  t.match(made.spec, { by: 'adam', role: 'control-plane' }, 'the API server keeps what was made of it')
  t.ok(bindsAnother(name, made.spec), 'and the server refuses it')
  await policy('/metadata/name', 'other')
  // no trace: until the new policy is heeded, the name is kept, and would be taken the next time
  const renamed = () =>
    refusal('adam', ['create', '--dry-run=server', '-f', '-'], { ...sent, metadata: { name: `${name}-again` } })
  t.match(
    await waitFor('the new one to be heeded', renamed, (said) => said !== '', 60_000),
    /nothing renames it on its way/
  )
  await must(['delete', 'mutatingadmissionpolicybinding,mutatingadmissionpolicy', 'evil'])
})

t.test('nobody but the server writes what the server shows', async (t) => {
  const view = (name: string) => ({ apiVersion, kind: 'Enrolment', metadata: { name } })
  for (const user of ['alice', 'adam']) t.match(await create(user, view(other)), /cannot create resource/, user)
  for (const user of ['wanda', '']) t.match(await create(user, view(other)), /pairing server alone writes/, user)
  t.equal(await create(serverUsername, view(id)), '')
  t.match(await refusal('', ['delete', 'enrolment', id]), /pairing server alone writes/)
  t.match(await refusal('', ['annotate', 'enrolment', id, 'a=b']), /pairing server alone writes/)
  const status = [
    'patch',
    'enrolment',
    id,
    '--subresource=status',
    '--type=merge',
    '-p',
    JSON.stringify({ status: { ...viewOfBefore, state: 'ready' } })
  ]
  for (const user of ['wanda', ''])
    t.match(await refusal(user, status), /pairing server alone writes/, `status: ${user}`)
  const installation = (name: string) => ({ apiVersion, kind: 'Installation', metadata: { name } })
  t.match(await create('', installation('joinery')), /pairing server alone writes/)
  t.match(await create(serverUsername, installation('another')), /its name is joinery/)
  t.equal(await create(serverUsername, installation('joinery')), '')
})

t.test('a Code is made by who may invite, named by its hash, and never changed', async (t) => {
  const restricted = { 'node-restriction.kubernetes.io/zone': 'a' }
  const inviter = 'ines'
  await must(['create', '-f', '-'], {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: inviter },
    rules: [{ apiGroups: ['joinery.dev'], resources: ['codes'], verbs: ['create', 'invite'] }]
  })
  await must(['create', 'clusterrolebinding', inviter, `--clusterrole=${inviter}`, `--user=${inviter}`])
  const labelled = () => create(inviter, code(inviter, { labels: restricted }))
  const said = await waitFor('the role', labelled, (text) => /may not give labels/.test(text), 30_000)
  t.match(said, /ines may not give labels or taints/)
  const rows: [string, string, object, RegExp][] = [
    ['a control plane', inviter, code(inviter, { role: 'control-plane' }), /may not invite-control-plane/],
    ['somebody else', inviter, code('adam'), /names who made it: ines/],
    ['another hash than the name', 'adam', code('adam', {}, 'cd'.repeat(32)), /its name is its hash/],
    ['an approver', 'alice', code('alice'), /cannot create resource "codes"/],
    ['no verb', 'wanda', code('wanda'), /may not invite machines/],
    ['a time that is none', 'adam', code('adam', { expires: 'tomorrow' }), /spec.expires/]
  ]
  for (const [what, user, object, expected] of rows) t.match(await create(user, object), expected, what)
  t.equal(await create('adam', code('adam', { labels: restricted })), '')
  const later = '{"spec":{"expires":"2027-01-01T00:00:00Z"}}'
  t.match(await refusal('wanda', ['patch', 'code', hash, '--type=merge', '-p', later]), /nobody changes it/)
  t.match(await create('adam', code('adam')), /already exists/)
})

t.test('C1, C2: a Code that decides is made only by who may approve such a machine', async (t) => {
  const bind = async (user: string, ofCodes: string[], ofEnrolments: string[]) => {
    const rules = [
      { apiGroups: ['joinery.dev'], resources: ['codes'], verbs: ['create', ...ofCodes] },
      ...(ofEnrolments.length === 0
        ? []
        : [{ apiGroups: ['joinery.dev'], resources: ['enrolments'], verbs: ofEnrolments }])
    ]
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: user }, rules }
    await must(['create', '-f', '-'], role)
    await must(['create', 'clusterrolebinding', user, `--clusterrole=${user}`, `--user=${user}`])
  }
  const invites = ['invite', 'invite-control-plane', 'label']
  await bind('ivan', invites, [])
  await bind('paula', invites, ['approve'])
  await bind('celia', invites, ['approve-control-plane'])
  let made = 0
  const asks = (user: string, spec: object): Promise<string> => {
    made += 1
    const own = made.toString(16).padStart(64, '0')
    return create(user, code(user, { hash: own, ...spec }, own))
  }
  for (const user of ['ivan', 'paula', 'celia']) {
    await waitFor(
      `the role of ${user}`,
      () => asks(user, {}),
      (said) => said === '',
      30_000
    )
  }
  const deciding: [what: string, spec: object, words: RegExp][] = [
    ['proof', { proof: true }, /a code with proof does/],
    ['a way back by itself', { recover: 'auto 99' }, /a code with recover: auto does/],
    ['one way back', { recover: 'auto 1' }, /a code with recover: auto does/],
    ['checks that do not count', { policy: { ignore: ['swap'] } }, /a code with ignored checks does/],
    ['all of it', { proof: true, recover: 'auto 2', policy: { ignore: ['swap'] } }, /a code with proof does/]
  ]
  for (const [what, spec, words] of deciding) {
    const said = await asks('ivan', spec)
    t.match(said, /ivan may not approve enrolments/, what)
    t.match(said, words, what)
    t.equal(await asks('paula', spec), '', `${what}, by who may approve`)
    const ofControlPlane = { role: 'control-plane', ...spec }
    t.match(await asks('ivan', ofControlPlane), /may not approve/, `${what}, of a control plane`)
    t.match(await asks('paula', ofControlPlane), /paula may not approve-control-plane enrolments/, what)
    // a Decision that approves a control plane asks for both verbs, too
    t.match(await asks('celia', ofControlPlane), /celia may not approve enrolments/, what)
    t.equal(await asks('adam', ofControlPlane), '', `${what}, by an administrator`)
  }
  const harmless = [{ proof: false }, { recover: 'ask' }, { recover: 'never' }, { policy: { ignore: [] } }]
  for (const spec of [...harmless, { policy: { remediate: 'safe' } }]) {
    t.equal(await asks('ivan', spec), '', `${JSON.stringify(spec)} decides nothing`)
  }
  const own = made.toString(16).padStart(64, '0')
  const later = '{"spec":{"proof":true}}'
  for (const user of ['wanda', '']) {
    t.match(await refusal(user, ['patch', 'code', own, '--type=merge', '-p', later]), /nobody changes it/, 'nor later')
  }
})

t.test('kubectl tells who may what, and no stock role lets anybody decide', async (t) => {
  for (const [user, verbs] of [
    ['alice', ['approve', 'reject', 'release', 'retry']],
    ['adam', enrolmentVerbs],
    ['vera', []],
    ['wanda', []]
  ] as const) {
    for (const verb of enrolmentVerbs) {
      const { stdout } = await kubectl(user, ['auth', 'can-i', verb, 'enrolments.joinery.dev'])
      t.equal(stdout.trim(), (verbs as readonly string[]).includes(verb) ? 'yes' : 'no', `${user} ${verb}`)
    }
  }
  for (const role of ['admin', 'edit', 'view']) {
    const rules = await bed.kubectl('get', 'clusterrole', role, '-o', 'jsonpath={.rules[*].apiGroups}')
    t.notMatch(rules, /joinery/, role)
  }
})

t.test('a person sees what the objects are', async (t) => {
  t.match(await bed.kubectl('get', 'enrolments'), /^NAME +NODE +STATE +ROLE +ADDRESS +AGE\n/)
  t.match(await bed.kubectl('get', 'decisions'), /^NAME +ENROLMENT +VERDICT +BY +RESULT +AGE\n/)
  t.match(await bed.kubectl('explain', 'decision.spec.revision'), /Revision that was shown\./)
  t.match(await bed.kubectl('get', 'enr', '--field-selector', 'status.state=pending'), '')
  for (const kind of ['decisions', 'codes']) {
    const by = (...more: string[]) => bed.kubectl('get', kind, '-o', 'jsonpath={.items[*].spec.by}', ...more)
    t.match(await by(), /adam/)
    const others = await by('--field-selector', 'spec.by!=adam,spec.by!=CN\\=x\\,O\\=y')
    t.notMatch(others, /adam/, 'a look leaves out those of a user')
    t.match(others, kind === 'codes' ? /paula/ : /alice/)
  }
})

t.test('no kind of object is deleted by mistake', async (t) => {
  t.match(await refusal('', ['delete', 'crd', 'decisions.joinery.dev']), /its objects would go with it/)
  await must(['annotate', 'crd', 'codetemplates.joinery.dev', 'joinery.dev/allow-deletion=true'])
  t.equal(await refusal('', ['delete', 'crd', 'codetemplates.joinery.dev']), '')
})
