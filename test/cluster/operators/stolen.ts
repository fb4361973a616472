import { X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { refusal } from '@joinery/testing/cluster/cluster-fixture'
import type { Test } from 'tap'
import { waitFor } from '../bed/wait-for.ts'
import { minutes, type Product } from '../product.ts'
import { openThieves } from '../thieves.ts'

/** The bed's cluster is not all that it could be: this is about the server's credential alone. */
const isOfTheServer = (sentence: string): boolean => /does not accept the credential|within its bounds/.test(sentence)

/** What thieves can do with what they stole, in a cluster that tells nobody anything without a credential. */
export const resistsThieves = async (t: Test, product: Product): Promise<void> => {
  const { bed, joinery, reaches } = product
  const { ask, becomesReady, elsewhere, here, issued, joiningMachine, nodeGoes, noTokenLeft, told } =
    await openThieves(product)

  t.test('a join command brings what a cluster does not tell without a credential', async (t) => {
    t.equal((await refusal(here.clusterInfo))?.status, 401)
    t.match(await joinery('join-command', '--name', 'by-hand'), /kubeadm join --discovery-file/)
    await joinery('reject', 'by-hand', '--reason', 'it has shown what it had to', '--yes')
    await noTokenLeft()
  })

  t.test('a faster thief that claims to be the machine never becomes ready', async (t) => {
    const { machine, token } = await joiningMachine('doubled')
    const stolen = await ask(elsewhere, token, 'doubled')
    const certificate = await issued(stolen.csr)
    const ids = { machineId: machine.machineId, systemUuid: machine.machineId }
    await elsewhere.registerNode({ name: 'doubled', certificate, key: stolen.key, ...ids })
    await elsewhere.setNodeReady('doubled', 'True', 'KubeletReady', 'played by a test')
    await reaches('doubled', 'joined', minutes)
    // its own kubelet holds another one
    const { token: another } = await joiningMachine('single')
    const own = await issued((await ask(here, another, 'single')).csr)
    await machine.ready(own)
    const { serialNumber } = new X509Certificate(own)
    await joinery('reject', 'single', '--reason', 'it has shown what it had to', '--yes')
    t.not((await told('doubled', `the agent holds certificate ${serialNumber}`, { alert: true })).state, 'ready')
    await nodeGoes('doubled')
    await noTokenLeft()
  })

  t.test('a faster thief that waits for the next attempt alerts, and the machine joins', async (t) => {
    const { machine, token } = await joiningMachine('patient')
    const stolen = await issued((await ask(elsewhere, token, 'patient')).csr)
    await machine.fail(1)
    const own = await ask(here, await machine.claimToken(), 'patient')
    const certificate = await issued(own.csr)
    await becomesReady('patient', machine, { certificate, key: own.key })
    await reaches('patient', 'ready', minutes)
    t.match(await told('patient', `serial ${new X509Certificate(stolen).serialNumber} of attempt 1`, { alert: true }), {
      state: 'ready'
    })
  })

  t.test('setup --renew ends a stolen token, and all tokens that were made by it', async (t) => {
    await product.kill()
    const earlier = '/var/lib/joinery-server/earlier'
    const kept = bed.hostPath('/var/lib/joinery-server/kubeconfig')
    await copyFile(kept, bed.hostPath(earlier))
    const tokenThief = resolve(import.meta.dirname, '../inside/token-thief.ts')
    const stolen = '/var/lib/joinery-server/stolen'
    const thief = bed.exec([process.execPath, tokenThief, earlier, stolen])
    // the chain is there before it is ended
    await waitFor('the thief to have a token', async () => existsSync(bed.hostPath(stolen)), Boolean, minutes)
    const printed = await product.setup('--renew')
    t.match(printed, /serviceaccount\/joinery-server made again: the API server refuses every token that it had\n/)
    const { code, stdout, stderr } = await thief
    t.equal(code, 0, stderr)
    t.match(stdout, /^\{"stolen":[1-9]/)
    await product.start()
    // it ends with 1: the cluster needs a person for other things
    const status = JSON.parse((await product.tryJoinery('status', '-o', 'json')).stdout)
    t.same(status.remedies.filter(isOfTheServer), [])
  })
}
