import { doorNarrowing, doorRights } from '@joinery/kube/door'
import t from 'tap'
import { openBed } from './bed/bed.ts'
import { waitFor } from './bed/wait-for.ts'

t.setTimeout(0)

/** The objects of the door on a real API server: what each kind of user is answered. */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs: ${bed.logs}`)

const apply = async (text: string): Promise<void> => {
  const done = await bed.exec(['kubectl', 'apply', '--server-side', '-f', '-'], { input: text })
  if (done.code !== 0) throw new Error(`${done.stderr}\n${text}`)
}
await bed.kubectl('create', 'namespace', 'joinery-system')
for (const text of [...doorNarrowing, ...doorRights]) await apply(text)
await bed.kubectl('wait', '--for=condition=Established', 'crd', '--all')

const server = 'system:serviceaccount:joinery-system:joinery-server'
for (const [role, user] of Object.entries({ viewer: 'vera', auditor: 'audrey', approver: 'alice', admin: 'adam' })) {
  await bed.kubectl(
    'create',
    'clusterrolebinding',
    `${role}-${user}`,
    `--clusterrole=joinery-${role}`,
    `--user=${user}`
  )
}

const id = '019301b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b'
const decision = (by: string, spec: object = {}, metadata: object = { generateName: 'd-' }) => ({
  apiVersion: 'joinery.dev/v1alpha1',
  kind: 'Decision',
  metadata,
  spec: { enrolment: id, role: 'worker', verdict: 'approve', key: `sha256:${'a'.repeat(64)}`, revision: 3, by, ...spec }
})

/** Creates the object as this user; gives the refusal, or an empty text. */
const create = async (user: string, object: object, ...flags: string[]): Promise<string> => {
  const argv = ['kubectl', '--as', user, 'create', ...flags, '-f', '-']
  const { code, stderr } = await bed.exec(argv, { input: JSON.stringify(object) })
  return code === 0 ? '' : stderr || 'refused'
}

t.test('the policies are in force', async (t) => {
  await waitFor(
    'the policy',
    () => create('mallory', decision('nobody'), '--dry-run=server'),
    (said) => said !== '',
    60_000
  )
  t.ok(await create(server, decision('nobody'), '--dry-run=server'))
})

t.test('requests', async (t) => {
  const rows: [string, string, object, RegExp | ''][] = [
    ['an approver approves', 'alice', decision('alice'), ''],
    ['as somebody else', 'alice', decision('carol'), /names who made it: alice/],
    ['viewer', 'vera', decision('vera'), /forbidden/],
    [
      'an approver and a control plane',
      'alice',
      decision('alice', { role: 'control-plane' }),
      /may not approve-control-plane/
    ],
    ['an admin and a control plane', 'adam', decision('adam', { role: 'control-plane' }), ''],
    ['role left out', 'alice', decision('alice', { role: undefined }), /spec.role: Required/],
    ['role in capitals', 'alice', decision('alice', { role: 'Worker' }), /Unsupported value/],
    ['replace with approve only', 'alice', decision('alice', { verdict: 'replace', node: 'uid-1' }), /may not replace/],
    ['replace by admin', 'adam', decision('adam', { verdict: 'replace', node: 'uid-1' }), ''],
    ['replace without node', 'adam', decision('adam', { verdict: 'replace' }), /replace names the Node/],
    ['reject without reason', 'alice', decision('alice', { verdict: 'reject' }), /reject says why/],
    ['escape in the reason', 'alice', decision('alice', { reason: 'a\u001b[31m' }), /spec.reason/],
    ['turned writing', 'alice', decision('alice', { reason: 'a\u202e' }), /spec.reason/],
    ['slash in id', 'alice', decision('alice', { enrolment: 'a/b' }), /spec.enrolment/],
    ['finalizer', 'alice', decision('alice', {}, { generateName: 'd-', finalizers: ['a.b/c'] }), /no finalizer/],
    ['the server itself', server, decision(server), /may not approve/]
  ]
  for (const [what, user, object, expected] of rows) {
    const said = await create(user, object)
    if (expected === '') t.equal(said, '', what)
    else t.match(said, expected, what)
  }
})
