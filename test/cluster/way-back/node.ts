import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { EnrolmentDetail } from '@joinery/protocol'
import { signedAnew } from '@joinery/testing/cluster/signed-anew'
import { applyManifest } from '../apply-manifest.ts'
import type { Machine } from '../bed/machine.ts'
import { waitFor } from '../bed/wait-for.ts'
import { minutes, type Product } from '../product.ts'

const pemFile = '/var/lib/kubelet/pki/kubelet-client-current.pem'
export const bootstrapFile = '/etc/kubernetes/bootstrap-kubelet.conf'
const unit = 'joinery-recover.service'
/** The timer looks by itself some minutes after a boot: here each look has its moment, also one that has begun. */
const noLook = `systemctl stop joinery-recover.timer ${unit}`
const keeper = '/etc/kubernetes/manifests/keeper.yaml'

/** crictl waits for its socket 2 s by itself, and tries those of other runtimes: less than an emulated machine may need beside others. */
const crictl = 'crictl --runtime-endpoint unix:///run/containerd/containerd.sock --timeout 30s'

/**
 * A Node whose kubelet loses its certificate now and then, and what the way back does there. `name`: the Node's, if it is not
 * the machine's.
 */
export const nodeOf = ({ bed, show }: Product, machine: Machine, name = machine.name) => {
  const shell = async (command: string, input?: string): Promise<string> => {
    const { code, stdout, stderr } = await machine.ssh(command, input)
    if (code !== 0) throw new Error(`${name}: ${command}: exit status ${code}\n${stderr}`)
    return stdout
  }
  const serial = async (): Promise<string> => new X509Certificate(await shell(`cat ${pemFile}`)).serialNumber
  const authority = async () => ({
    certificate: await readFile(bed.hostPath('/etc/kubernetes/pki/ca.crt'), 'utf8'),
    key: await readFile(bed.hostPath('/etc/kubernetes/pki/ca.key'), 'utf8')
  })
  /**
   * Renews the Lease of another Node. This cluster has no other kubelet, and the node lifecycle controller of v1.37.2 notices no
   * silence before it has seen a Lease newer than what it wrote last ("read version is not as new as written version").
   */
  const renewOtherLease = async (): Promise<void> => {
    const metadata = { name: 'another', namespace: 'kube-node-lease' }
    const spec = { holderIdentity: 'another', renewTime: new Date().toISOString().replace('Z', '000Z') }
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec }
    await applyManifest(bed, lease)
  }
  const enrolment = (what: string, fits: (seen: EnrolmentDetail) => boolean) =>
    waitFor(`${name}: ${what}`, () => show(name), fits, 5 * minutes)
  const condition = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'
  return {
    name,
    machine,
    shell,
    serial,
    /** Runs a Pod that no kubelet may touch while its Node comes back. */
    async keepPod(): Promise<void> {
      const { images } = JSON.parse(await shell(`${crictl} images --output json`)) as {
        images: { repoTags: string[] }[]
      }
      const image = images.flatMap(({ repoTags }) => repoTags).find((tag) => tag.includes('/pause:')) ?? ''
      await shell(`mkdir -p /etc/kubernetes/manifests && cat > ${keeper}`, JSON.stringify(pod(image)))
      await machine.waitFor('its Pod to run', `test -n "$(${crictl} ps --quiet --name keeper)"`, 2 * minutes)
    },
    /** The id of that Pod's container. */
    container: async (): Promise<string> => (await shell(`${crictl} ps --quiet --no-trunc --name keeper`)).trim(),
    /** Deletes the certificate, and restarts the kubelet, which then ends again and again. */
    lose: () => shell(`${noLook}; rm ${pemFile} && { systemctl restart kubelet || true; }`),
    /** Puts a certificate of the same key in its place that was over weeks ago, and restarts the kubelet. */
    async expire(): Promise<void> {
      const pem = await shell(`cat ${pemFile}`)
      const [key = ''] = /-----BEGIN EC PRIVATE KEY-----[^-]+-----END EC PRIVATE KEY-----\n/.exec(pem) ?? []
      const [notBefore, notAfter] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-02-01T00:00:00Z')]
      const over = await signedAnew(pem, await authority(), { notBefore, notAfter })
      await shell(
        `${noLook}; cat > "$(readlink -f ${pemFile})" && { systemctl restart kubelet || true; }`,
        `${over}${key}`
      )
    },
    /** What the timer does. */
    look: () => shell(`systemctl start --no-block ${unit}`),
    /** Waits until that look is over, and gives what it said since then. */
    async lookEnds(): Promise<string> {
      // a unit that runs once is never active, only activating
      await machine.waitFor(
        'the look to end',
        `systemctl is-active ${unit} | grep -qE '^(inactive|failed)$'`,
        5 * minutes
      )
      return shell(`journalctl --unit ${unit} --output cat --no-pager --lines 20`)
    },
    /** One look of a person, and how it ended. */
    check: () => machine.ssh('joinery-agent recover --check'),
    becomes: async (...wanted: string[]) => {
      const look = async (): Promise<string> => {
        await renewOtherLease()
        return bed.kubectl('get', 'node', name, '-o', condition)
      }
      await waitFor(
        `the condition Ready of ${name} to be ${wanted.join(' or ')}`,
        look,
        (seen) => wanted.includes(seen),
        3 * minutes
      )
    },
    /** Waits until it waits for an operator. */
    waits: () => enrolment('to wait for an operator', ({ recovery }) => recovery?.state === 'waiting'),
    /** Waits until its kubelet has asked for a certificate, after the way back was approved. */
    hasAsked: () =>
      enrolment(
        'its kubelet to ask',
        ({ timeline }) =>
          timeline.findLast(({ event }) => event === 'approve' || event === 'csr-seen')?.event === 'csr-seen'
      ),
    /** Waits until it is Ready again. */
    isBack: () =>
      enrolment('to be ready again', ({ state, recovery }) => state === 'ready' && recovery?.state === 'over')
  }
}
export type Node = ReturnType<typeof nodeOf>

const pod = (image: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'keeper', namespace: 'kube-system' },
  spec: { hostNetwork: true, containers: [{ name: 'keeper', image, imagePullPolicy: 'Never' }] }
})
