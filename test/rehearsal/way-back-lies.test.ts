import { paths } from '@joinery/agent/testing/machine'
import { certificateAuthority } from '@joinery/fake-kubernetes'
import type { RecoveryCredential } from '@joinery/protocol'
import { ofAnotherKey, signedAnew } from '@joinery/testing/cluster/signed-anew'
import t from 'tap'
import { type JoinedMachine, openJoined } from './way-back-machine.ts'

type Lie = (credential: RecoveryCredential, open: JoinedMachine) => Promise<Partial<RecoveryCredential>>

const other = certificateAuthority(() => new Date())

/** What a server that lies, or one that somebody has taken over, may give. */
const lies: [name: string, lie: Lie, refusal: RegExp][] = [
  ['another Node’s name', async () => ({ nodeName: 'worker-2' }), /another Node: worker-2/],
  [
    'a certificate for another Node',
    async ({ certificate }, { signer }) => ({
      certificate: await signedAnew(certificate, signer, { nodeName: 'worker-2' })
    }),
    /is for CN=system:node:worker-2/
  ],
  [
    'a certificate that is not for the key of this machine',
    async ({ certificate }, { signer }) => ({ certificate: await ofAnotherKey(certificate, signer) }),
    /another key/
  ],
  [
    'a certificate by another CA than the one beside it',
    async ({ certificate }) => ({ certificate: await signedAnew(certificate, await other) }),
    /not by the CA/
  ],
  [
    'another CA, and a certificate by it',
    async ({ certificate }) => {
      const ca = await other
      return { certificate: await signedAnew(certificate, ca), certificateAuthority: ca.certificate }
    },
    /does not take its certificate/
  ],
  ['no certificate', async () => ({ certificate: 'none' }), /cannot be read/],
  ['less than a credential', async () => JSON.parse('{ "server": null }'), /not whole/],
  ['no CA', async () => ({ certificateAuthority: '' }), /not by the CA/],
  ['an API server without TLS', async () => ({ server: 'http://172.30.0.1:6443' }), /no https URL/]
]

for (const [name, lie, refusal] of lies) {
  t.test(`a server that gives ${name} is not believed, and nothing is written`, async (t) => {
    const open = await openJoined(t)
    await open.expire()
    await open.machine.reboot()
    const [conf, authority] = [await open.files.read(paths.kubeletConf), await open.files.read(paths.clusterAuthority)]
    open.server.lie = async (credential) => ({ ...credential, ...(await lie(credential, open)) })
    const written: string[] = []
    const { ended } = open.start((moment) => {
      if (/machine\.(write|replace|removeKubelet|removeCert)/.test(moment)) written.push(moment)
    })
    t.match(await ended, { end: 'failed', why: refusal })
    t.same(written, [])
    t.equal(await open.files.read(paths.kubeletConf), conf)
    t.equal(await open.files.read(paths.clusterAuthority), authority)
    t.match(open.server.outcomes, [{ outcome: 'failed', class: 'cluster', attempt: 2, cause: refusal }])
    open.server.lie = (credential) => credential
    t.match(await open.recover(), { end: 'recovered' }, 'the next one is believed')
    t.equal(open.server.frozen, false)
  })
}

t.test('a CA that the API server is not of is not put into the place of the old one', async (t) => {
  const open = await openJoined(t)
  await open.forgetAuthority()
  await open.machine.reboot()
  open.clock.pass(60_000)
  const wrong = await open.files.read(paths.clusterAuthority)
  open.server.lie = async (credential) => {
    const ca = await other
    return {
      ...credential,
      certificate: await signedAnew(credential.certificate, ca),
      certificateAuthority: ca.certificate
    }
  }
  t.match(await open.recover(), { end: 'failed', why: /is not of the CA/ })
  t.equal(await open.files.read(paths.clusterAuthority), wrong)
})

t.test('an answer that comes when the time is over gives nothing', async (t) => {
  const open = await openJoined(t)
  await open.expire()
  await open.machine.reboot()
  const { ended } = open.start((moment) => {
    if (moment === 'claim: after server.claimRecovery') open.server.end('its time was over')
    if (moment === 'place: before machine.writeBootstrap') open.clock.pass(600_000)
  })
  const end = await ended
  t.match(end.end, /failed|recovered/)
  t.notOk(await open.has(paths.bootstrapConf), 'no credential is left')
  t.match(await open.recover(), { end: /recovered|nothing/ })
  t.equal(open.server.frozen, false)
})

t.test('a copy of the disk that asks for the same shows as one, and the server freezes', async (t) => {
  const open = await openJoined(t)
  await open.expire()
  await open.machine.reboot()
  t.match(await open.recover(), { end: 'recovered' })
  // the copy was made before, and never asked
  for (const file of ['recovery.json', 'recovery-next.json']) await open.files.remove(`/var/lib/joinery-agent/${file}`)
  await open.expire()
  await open.machine.reboot()
  t.match(await open.recover(), { end: 'failed' })
  t.equal(open.server.frozen, true)
})
