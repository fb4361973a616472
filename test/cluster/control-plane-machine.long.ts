import { readFile } from 'node:fs/promises'
import { sharedFiles } from '@joinery/protocol/seal'
import t from 'tap'
import { controlPlaneContract } from '../contract/machine-contract-control-plane.ts'
import { openBed } from './bed/bed.ts'
import { contractMachines } from './contract-machines.ts'
import { installProduct } from './product.ts'

t.setTimeout(0)

/** The same contract for a control plane: a virtual machine that becomes the second member of a real etcd, and is cut. */
const bed = await openBed()
t.teardown(() => bed.close())
const product = await installProduct(bed)
await product.kill()

const pki = (name: string) => readFile(bed.hostPath(`/etc/kubernetes/pki/${name}`), 'utf8')
const host = '172.30.0.1'
const names = [...sharedFiles.always, ...sharedFiles.stacked]
const keys = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await pki(name)] as const)))
const { serverVersion } = JSON.parse(await bed.kubectl('version', '--output=json')) as {
  serverVersion: { gitVersion: string }
}

/** As the processes of the bed see it: inside of its network. */
const etcdMembers = async () => {
  const list = ['curl', '--silent', '--fail', '--max-time', '20', '--data', '{"linearizable":true}']
  const files = (['cacert', 'cert', 'key'] as const).flatMap((option, index) => [
    `--${option}`,
    `/etc/kubernetes/pki/${['etcd/ca.crt', 'apiserver-etcd-client.crt', 'apiserver-etcd-client.key'][index]}`
  ])
  const { code, stdout, stderr } = await bed.exec([...list, ...files, `https://${host}:2379/v3/cluster/member/list`])
  if (code !== 0) throw new Error(`etcd gives no list: ${stderr}`)
  const { members } = JSON.parse(stdout) as { members: { name?: string; isLearner?: boolean }[] }
  return members.map(({ name = '', isLearner = false }) => ({ name, isLearner }))
}

const open = contractMachines(bed)

controlPlaneContract(t, 'a virtual machine', async (nodeName) => ({
  ...(await open(nodeName, 5, { controlPlane: true })),
  version: serverVersion.gitVersion,
  keys,
  etcdHosts: [host],
  etcdMembers
}))
