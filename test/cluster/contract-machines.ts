import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { ownCsrObject } from '@joinery/server/testing/kubernetes'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import type { OpenMachine } from '../contract/machine-fixture.ts'
import type { Bed } from './bed/bed.ts'
import type { MachineOptions, Machine as VirtualMachine } from './bed/machine.ts'
import { waitFor } from './bed/wait-for.ts'
import { placeNetworkPlugin } from './network-plugin.ts'
import { agentPackage, minutes } from './product.ts'
import { remoteMachine } from './remote-machine.ts'

const endpoint = '172.30.0.1:6443'

const bootMachine = async (machine: VirtualMachine): Promise<void> => {
  await machine.boot()
  await machine.waitFor('to have booted', 'test -e /run/cloud-init/result.json && crictl version', 15 * minutes)
}

const installAgent = async (machine: VirtualMachine): Promise<void> => {
  const install = 'cat > /root/agent.deb && dpkg --install /root/agent.deb && rm /root/agent.deb'
  const { code, stderr } = await machine.ssh(install, await readFile(agentPackage))
  if (code !== 0) throw new Error(`the package cannot be installed on ${machine.name}: ${stderr}`)
}

/** The line on standard input: as soon as kubeadm has printed one that begins so, it is killed. */
const killAtLine = `timeout 600 sh -c '
  IFS= read -r line
  until grep -qsF -- "$line" /run/joinery-agent/join.log; do :; done
  exec systemctl kill --signal=KILL joinery-join.service'`

/**
 * Machines of the bed for the contract of the machine's four ports: booted, with the agent's package and no agent that runs. The
 * package is installed here, unless the machine has a template of its own, which has it.
 */
export const contractMachines =
  (bed: Bed) =>
  async (nodeName: string, number: number, options: MachineOptions = {}): Promise<OpenMachine> => {
    const virtual = bed.machine(nodeName, number, options)
    await bootMachine(virtual)
    if (options.template === undefined) await installAgent(virtual)
    const certificateAuthority = await readFile(bed.hostPath('/etc/kubernetes/pki/ca.crt'), 'utf8')
    /** PEM, once the signer has issued it. */
    const issuedBy = async (name: string): Promise<string> => {
      const certificate = () => bed.kubectl('get', 'csr', name, '-o', 'jsonpath={.status.certificate}')
      const issued = await waitFor(`the certificate of ${name}`, certificate, Boolean, minutes)
      return Buffer.from(issued, 'base64').toString()
    }
    const createToken = (id: string, secret: string, expiration: string): Promise<void> =>
      create({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
        type: 'bootstrap.kubernetes.io/token',
        stringData: {
          'token-id': id,
          'token-secret': secret,
          expiration,
          'usage-bootstrap-authentication': 'true',
          'auth-extra-groups': 'system:bootstrappers:joinery:node'
        }
      })
    const create = async (manifest: object): Promise<void> => {
      const { code, stderr } = await bed.exec(['kubectl', 'create', '-f', '-'], { input: JSON.stringify(manifest) })
      if (code !== 0) throw new Error(`it cannot be made: ${stderr}`)
    }
    let tokenId = ''
    const forgotten = new Set<string>()
    /** Names of what the holder of the present token asked for, since `forgetRequests`, in that order. */
    const requests = async (): Promise<string[]> => {
      const lines = await bed.kubectl(
        'get',
        'csr',
        '--sort-by=.metadata.creationTimestamp',
        '-o',
        'jsonpath={range .items[*]}{.metadata.name} {.spec.username}{"\\n"}{end}'
      )
      return lines.split('\n').flatMap((line) => {
        const [name = '', username] = line.split(' ')
        return username === `system:bootstrap:${tokenId}` && !forgotten.has(name) ? [name] : []
      })
    }
    const forgetRequests = async () => {
      // who joins by a certificate makes none with a token; and the cluster may be without its etcd now
      if (tokenId === '') return
      for (const name of await requests()) forgotten.add(name)
    }
    const machine = await remoteMachine(virtual)
    return {
      machine,
      apiEndpoint: endpoint,
      nodeName,
      pause: 1000,
      credential: async (attempt) => {
        tokenId = randomBytes(3).toString('hex')
        const secret = randomBytes(8).toString('hex')
        const expires = new Date(Date.now() + 20 * minutes).toISOString()
        await createToken(tokenId, secret, expires)
        const token = `${tokenId}.${secret}`
        return { attempt, nodeName, server: `https://${endpoint}`, certificateAuthority, token, expires }
      },
      certificate: async (attempt) => {
        const { request, key } = await kubeletRequest(nodeName)
        const name = `contract-${randomBytes(4).toString('hex')}`
        await create(ownCsrObject({ name, request }))
        await bed.kubectl('certificate', 'approve', name)
        const certificate = await issuedBy(name)
        const expires = new Date(Date.now() + 10 * minutes).toISOString()
        return { attempt, nodeName, server: `https://${endpoint}`, certificateAuthority, certificate, key, expires }
      },
      approve: async () => {
        const names = await waitFor('a request', requests, ({ length }) => length > 0, 2 * minutes)
        await bed.kubectl('certificate', 'approve', ...names)
        return issuedBy(names.at(-1) ?? '')
      },
      joinAndKill: async (given, line, options = {}) => {
        await machine.joining.startJoin(given, options)
        const { code, stderr } = await virtual.ssh(killAtLine, `${line}\n`)
        if (code !== 0) throw new Error(`kubeadm could not be killed at ${line}: ${stderr}`)
      },
      connectNetwork: async () => void (await placeNetworkPlugin(virtual, number)),
      reboot: async () => {
        await virtual.ssh('sync')
        await virtual.powerCut()
        await forgetRequests()
        await bootMachine(virtual)
      },
      close: () => virtual.powerCut()
    }
  }
