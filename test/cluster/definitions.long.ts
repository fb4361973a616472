import { definitions } from '@joinery/kube/door'
import { manifestStream } from '@joinery/kube/manifests'
import { serverUsername } from '@joinery/kube/names'
import t from 'tap'
import { stringify } from 'yaml'
import { openBed } from './bed/bed.ts'
import { kubectlAs } from './door-desk.ts'
import { earlierDefinitions } from './earlier-definitions.ts'
import { serverProgram } from './product.ts'

t.setTimeout(0)

/** A cluster with the definitions of before: what `setup` makes of them, and of their objects. There is no pairing server. */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs: ${bed.logs}`)

const { refusal, ...as } = kubectlAs(bed)
const many = (one: string): string[] => definitions.map(() => one)
const must = (words: readonly string[], input?: object | string): Promise<string> => as.must('', words, input)

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
