import { paths } from '@joinery/agent/testing/machine'
import { certificateAuthority } from '@joinery/fake-kubernetes'
import { signedAnew } from '@joinery/testing/cluster/signed-anew'
import t from 'tap'
import { openJoined } from '../rehearsal/way-back-machine.ts'
import { wayBackContract } from './machine-contract-way-back.ts'

t.setTimeout(240_000)

const split = (pem: string): { certificate: string; key: string } => {
  const at = pem.indexOf('-----BEGIN PRIVATE KEY-----')
  return { certificate: pem.slice(0, at), key: pem.slice(at) }
}

await wayBackContract(t, 'a rehearsal machine', async () => {
  const open = await openJoined(t)
  const { machine, endpoint, files, nodeName } = open
  const credential = async () => {
    const given = await open.certificate(2)
    if (!('certificate' in given)) throw new Error('it is a token')
    return { certificate: given.certificate, key: given.key }
  }
  return {
    recovering: machine.recovering,
    nodeName,
    way: { server: endpoint.server, ca: endpoint.certificateAuthority },
    read: files.read,
    credential,
    present: async () => split(await open.pem()),
    expire: open.expire,
    ofAnotherAuthority: async () => {
      const { certificate, key } = split(await open.pem())
      return { certificate: await signedAnew(certificate, await certificateAuthority(() => new Date())), key }
    },
    removeCertificate: () => files.remove(paths.kubeletCertificate),
    forgetAuthority: open.forgetAuthority,
    deleteNode: () => open.cluster.deleteNodeAsAdmin(nodeName),
    restartKubelet: () => machine.reboot(),
    settle: async () => open.clock.pass(60_000),
    close: () => machine.powerOff()
  }
})
