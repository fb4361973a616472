import { paths } from '@joinery/agent/testing/machine'
import type { KubeletSight, Recovering } from '@joinery/agent/testing/way-back'
import { eventually } from '@joinery/testing/clocks/eventually'
import type { Test } from 'tap'

/** A credential for the Node of a machine, with its key, PEM. */
interface Holder {
  certificate: string
  key: string
}

/** A machine whose Node is Ready, and what others may do to it and to its Node. */
export interface LosableMachine {
  recovering: Recovering
  nodeName: string
  /** Server and CA of the cluster. */
  way: { server: string; ca: string }
  read(path: string): Promise<string | undefined>
  /** A client certificate of ten minutes for the Node, as the pairing server has one issued. */
  credential(): Promise<Holder>
  /** The certificate that the kubelet has. */
  present(): Promise<Holder>
  /** Signs the kubelet's own public key anew, for a time in the past. */
  expire(): Promise<unknown>
  /** The same by another CA, which nobody else knows. */
  ofAnotherAuthority(): Promise<Holder>
  /** Deletes kubelet-client-current.pem. */
  removeCertificate(): Promise<unknown>
  /** Gives kubelet.conf another CA than the API server has. */
  forgetAuthority(): Promise<unknown>
  deleteNode(): Promise<unknown>
  /** Stops the kubelet and starts it again, whatever it does. */
  restartKubelet(): Promise<unknown>
  /** Lets the time pass after which a kubelet has settled. */
  settle(): Promise<unknown>
  close(): unknown
}

/**
 * The way of a kubelet without a certificate, and of the API server with it, as they were seen on a real node (Kubernetes v1.37.2).
 * Each row is told by the machine and the cluster themselves, so that a rehearsal may be held to the same.
 */
export const wayBackContract = async (t: Test, name: string, open: () => Promise<LosableMachine>): Promise<void> => {
  const on = (what: string, story: (t: Test, machine: LosableMachine) => Promise<unknown>) =>
    t.test(`${name}: ${what}`, async (t) => {
      const machine = await open()
      t.teardown(() => machine.close())
      await story(t, machine)
    })
  const sightThat = (
    { recovering, nodeName }: LosableMachine,
    what: string,
    is: (sight: KubeletSight) => boolean
  ): Promise<KubeletSight> =>
    eventually(what, async () => {
      const sight = await recovering.look(nodeName)
      return is(sight) ? sight : undefined
    })
  const ends = (machine: LosableMachine) =>
    sightThat(machine, 'the kubelet ends again and again', ({ kubelet }) => kubelet?.state === 'ends')
  const log = async ({ recovering }: LosableMachine) => (await recovering.kubeletLog()).join('\n')
  const serialOf = ({ pem }: KubeletSight): string | undefined =>
    'certificate' in pem ? pem.certificate?.serial : undefined

  await on('the answers of the API server, each in its case', async (t, machine) => {
    const { recovering, nodeName, way } = machine
    const ask = async (holder: Holder) => recovering.ask(nodeName, way, holder)
    t.match(await ask(await machine.present()), { answer: 'http', status: 200, date: Number })
    t.match(await ask(await machine.credential()), { answer: 'http', status: 200 })
    t.match(await ask(await machine.ofAnotherAuthority()), { answer: 'http', status: 401 })
    t.match(await recovering.ask(nodeName, { ...way, server: 'https://127.0.0.1:1' }, await machine.present()), {
      answer: 'none'
    })
    await machine.deleteNode()
    t.match(await ask(await machine.present()), { answer: 'http', status: 404 })
    await machine.expire()
    t.match(await ask(await machine.present()), { answer: 'http', status: 401, date: Number })
    await machine.forgetAuthority()
    t.match(await recovering.look(nodeName), { api: { answer: 'untrusted' } })
  })

  await on('without a certificate the API server lets nobody read the Node', async (t, machine) => {
    await machine.removeCertificate()
    t.match(await machine.recovering.look(machine.nodeName), { pem: { state: 'missing' }, api: { status: 403 } })
  })

  await on('a certificate that is deleted while the kubelet runs', async (t, machine) => {
    await machine.settle()
    await machine.removeCertificate()
    t.match(await machine.recovering.look(machine.nodeName), { kubelet: { state: 'runs', refused: false } })
    await machine.restartKubelet()
    await ends(machine)
    t.match(await log(machine), /unable to read existing bootstrap client config from \/etc\/kubernetes\/kubelet.conf/)
    t.match(await log(machine), /unable to load bootstrap kubeconfig: stat \/etc\/kubernetes\/bootstrap-kubelet.conf/)
  })

  await on('a certificate that is over: the kubelet takes up the credential by itself', async (t, machine) => {
    const { recovering, nodeName, way } = machine
    await machine.expire()
    await machine.restartKubelet()
    const before = await ends(machine)
    t.match(before, { api: { status: 401 } })
    t.match(await log(machine), /part of the existing bootstrap client certificate in .* is expired/)
    const conf = await machine.read(paths.kubeletConf)
    await recovering.writeBootstrap(way, await machine.credential())
    const after = await sightThat(
      machine,
      'the kubelet has its certificate',
      (sight) => serialOf(sight) !== serialOf(before)
    )
    t.match(await sightThat(machine, 'it is taken', ({ api }) => api?.answer === 'http' && api.status === 200), {
      pem: { state: 'whole' }
    })
    t.equal(after.bootstrapConf, true, 'the kubelet does not remove the credential')
    t.equal(await machine.read(paths.kubeletConf), conf, 'the same server and CA give the same file')
    await recovering.removeBootstrap()
    t.match(await recovering.look(nodeName), { bootstrapConf: false, api: { status: 200 } })
  })

  await on('a certificate that is good: the kubelet does not look at the credential', async (t, machine) => {
    const { recovering, nodeName, way } = machine
    const before = await recovering.look(nodeName)
    await recovering.writeBootstrap(way, await machine.credential())
    await machine.restartKubelet()
    await machine.settle()
    t.equal(serialOf(await recovering.look(nodeName)), serialOf(before))
  })

  await on(
    'a CA that the API server is not of: the credential is not looked at, until the certificate is away',
    async (t, machine) => {
      const { recovering, nodeName, way } = machine
      await machine.forgetAuthority()
      const before = await recovering.look(nodeName)
      t.match(before, { api: { answer: 'untrusted' } })
      await recovering.writeBootstrap(way, await machine.credential())
      await machine.restartKubelet()
      await machine.settle()
      t.match(await recovering.look(nodeName), { api: { answer: 'untrusted' } }, 'its certificate is still valid')
      await recovering.removeCertificate()
      await recovering.restartKubelet()
      const after = await sightThat(
        machine,
        'kubelet.conf is anew',
        ({ api }) => api?.answer === 'http' && api.status === 200
      )
      t.match(after.conf, way)
      t.not(serialOf(after), serialOf(before))
    }
  )

  await on('a Node that was deleted: the kubelet registers it again when it is restarted', async (t, machine) => {
    await machine.deleteNode()
    await machine.settle()
    t.match(await machine.recovering.look(machine.nodeName), { api: { status: 404 } }, 'not by itself')
    await machine.restartKubelet()
    await sightThat(machine, 'the Node is there', ({ api }) => api?.answer === 'http' && api.status === 200)
  })
}
