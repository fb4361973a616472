import { readFile } from 'node:fs/promises'
import { sharedFiles } from '@joinery/protocol/seal'
import t from 'tap'
import { controlPlaneContract } from '../contract/machine-contract-control-plane.ts'
import { openBed } from './bed/bed.ts'
import { serverAddress } from './bed/network.ts'
import { contractMachines } from './contract-machines.ts'
import { etcdView } from './etcd-view.ts'
import { installProduct } from './product.ts'

t.setTimeout(0)

/** The same contract for a control plane: a virtual machine that becomes the second member of a real etcd, and is cut. */
const bed = await openBed()
t.teardown(() => bed.close())
const product = await installProduct(bed)
await product.kill()

const pki = (name: string) => readFile(bed.hostPath(`/etc/kubernetes/pki/${name}`), 'utf8')
const names = [...sharedFiles.always, ...sharedFiles.stacked]
const keys = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await pki(name)] as const)))
const { serverVersion } = JSON.parse(await bed.kubectl('version', '--output=json')) as {
  serverVersion: { gitVersion: string }
}

const open = contractMachines(bed)

await controlPlaneContract(t, 'a virtual machine', async (nodeName) => ({
  ...(await open(nodeName, 5, { controlPlane: true })),
  version: serverVersion.gitVersion,
  keys,
  etcdHosts: [serverAddress],
  etcdMembers: etcdView(bed).members
}))
