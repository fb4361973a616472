import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Test } from 'tap'
import { waitFor } from '../../bed/wait-for.ts'
import { minutes } from '../../product.ts'
import type { OneServer } from '../three-servers.ts'
import type { Around } from './around.ts'

const denying = resolve(import.meta.dirname, '../../inside/denying-webhook.ts')
const [host, port] = ['172.30.0.1', 9443]

interface Gate {
  what: string
  /** Name as `joinery status` must have it. */
  name: string
  objects: object[]
}

/** Whatever stands between the servers and their log: writes are refused, its name is told, and all goes on by itself after it. */
export const refusedBySomebody = async (t: Test, around: Around): Promise<void> => {
  const { bed, servers, desk, hands } = around
  await desk.allUp()
  await bed.spawn('denying-webhook', [process.execPath, denying, host, String(port)])
  const ca = await readFile(bed.hostPath('/etc/kubernetes/pki/ca.crt'))
  const gates: Gate[] = [
    webhook('unreachable.example.org', ['logheads', 'logdocuments'], { url: `https://${host}:9/` }),
    webhook('denies.example.org', ['logheads'], {
      url: `https://${host}:${port}/`,
      caBundle: ca.toString('base64')
    }),
    policyOf('strict.example.org')
  ]
  for (const gate of gates) {
    const active = await servers.untilActive()
    await hands.must(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: gate.objects })
    await refuses(t, around, active, gate)
    const known = await desk.names(active)
    await hands.must(['delete', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: gate.objects })
    await waitFor(
      `${active.name} to go on`,
      () => desk.ready(active),
      ({ status }) => status === 200,
      minutes
    )
    t.equal(await servers.untilActive(), active, 'by itself')
    t.notOk(known.includes('never'))
    await desk.newCode(active, `after-${gate.name.split('.')[0]}`)
    // whatever waited tries again in its own time
    const shown = () => desk.shown(active)
    const forgotten = await waitFor(`${gate.name} to be forgotten`, shown, (text) => !text.includes(gate.name), minutes)
    t.match(forgotten, /^Log: /m)
  }
  await documentsAlone(t, around)
}

/** What nobody acknowledges while the gate is there. */
const refuses = async (t: Test, { desk }: Around, active: OneServer, { what, name }: Gate): Promise<void> => {
  const tried = () => active.joinery('code', 'create', '--name', 'gate-is-there')
  const asked = await waitFor(`${what} to be in force`, tried, ({ code }) => code !== 0, minutes)
  t.match(asked.stderr, name, 'whoever asks is told')
  t.notMatch(asked.stdout, /jny_/)
  t.notOk(asked.stderr.includes('\u001b'), 'words of a stranger do nothing to a terminal')
  t.not((await active.joinery('code', 'create', '--name', 'never')).code, 0, 'nothing is acknowledged')
  t.equal((await desk.ready(active)).status, 503, what)
  const { log, remedies } = await desk.status(active)
  t.equal(log?.unavailable?.refuser?.name, name, what)
  const told = new RegExp(`^The (webhook|policy) ${name}, which is not Joinery's, refuses`)
  t.ok(
    remedies?.some((one) => told.test(one)),
    JSON.stringify(remedies)
  )
  t.match(await desk.shown(active), name)
}

/** If only documents are refused, the head has what is acknowledged. */
const documentsAlone = async (t: Test, { servers, desk, hands }: Around): Promise<void> => {
  const active = await servers.untilActive()
  const { objects, name } = webhook('documents.example.org', ['logdocuments'], { url: `https://${host}:9/` })
  await hands.must(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: objects })
  let number = 0
  const seen = await waitFor(
    'a document to be refused',
    async () => {
      number += 1
      await desk.newCode(active, `head-alone-${number}`)
      return (await desk.status(active)).log
    },
    (log) => log?.behind !== undefined,
    minutes
  )
  t.equal(seen?.behind?.refuser?.name, name)
  t.ok((seen?.waiting ?? 0) > 0)
  t.equal((await desk.ready(active)).status, 200, 'it acknowledges')
  t.match(await desk.shown(active), name)
  await hands.must(['delete', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: objects })
  await desk.written(active)
  t.notOk((await desk.status(active)).log?.behind)
}

const webhook = (name: string, resources: string[], clientConfig: object): Gate => ({
  what: `the webhook ${name}`,
  name,
  objects: [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'somebody' },
      webhooks: [
        {
          name,
          clientConfig,
          failurePolicy: 'Fail',
          sideEffects: 'None',
          timeoutSeconds: 2,
          admissionReviewVersions: ['v1'],
          rules: [{ apiGroups: ['log.joinery.dev'], apiVersions: ['*'], operations: ['*'], resources }]
        }
      ]
    }
  ]
})

const policyOf = (name: string): Gate => ({
  what: `the policy ${name}`,
  name,
  objects: [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [
            { apiGroups: ['log.joinery.dev'], apiVersions: ['*'], operations: ['UPDATE'], resources: ['logheads'] }
          ]
        },
        validations: [{ expression: 'false', message: 'nobody writes on Fridays' }]
      }
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny'] }
    }
  ]
})
