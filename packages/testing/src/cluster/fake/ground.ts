import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterKubeadmInit, apiAudience, type FakeKubernetes, type Ground } from '@joinery/fake-kubernetes'
import { apply, connect } from '@joinery/kube'
import { manifests } from '@joinery/kube/manifests'
import { audiencesAnnotation, namespace, serviceAccount } from '@joinery/kube/names'

/** Rights that setup gives the server, by its configuration. */
export interface ServerRights {
  /** True if the server may make and delete bootstrap tokens: `credential: token` of its configuration. */
  secrets: boolean
  /** True if the server may approve kubelets' serving certificates: `servingCertificates: approve`. */
  serving?: boolean
  /** True if the server may read what says why a Node is not Ready: `diagnosis: on`. */
  diagnosis?: boolean
  /** True if the server keeps its log in the cluster: `store: cluster`. */
  log?: boolean
}

/** A cluster just after `kubeadm init` and `joinery-server setup`, from which others begin. */
export interface SetUp {
  ground: Ground
  /** File of the server's own kubeconfig, without facts that root fixed. */
  serverFile: string
}

/** Time of every set-up: before the clock of any test. */
const setUpAt = new Date('2025-12-31T00:00:00Z')

const setUps = new Map<string, Promise<SetUp>>()

/** The set-up for these rights. It is made once in a process, by the manifests that `joinery-server setup` applies. */
export const setUpFor = (rights: ServerRights): Promise<SetUp> => {
  const key = JSON.stringify(Object.entries(rights).sort())
  const known = setUps.get(key) ?? setUp(rights)
  setUps.set(key, known)
  return known
}

const setUp = async ({ secrets, serving = false, diagnosis = false, log = false }: ServerRights): Promise<SetUp> => {
  const fake = await afterKubeadmInit(() => setUpAt)
  const admin = connect(fake.kubeconfig(fake.admin), '', { carrier: fake.carrier })
  const credential = secrets ? 'token' : 'certificate'
  for (const manifest of manifests({ credential, kubeProxy: true, serving, diagnosis, log }))
    await apply(admin, manifest)
  noteAudiences(fake)
  const folder = mkdtempSync(join(tmpdir(), 'joinery-fake-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const serverFile = join(folder, 'kubeconfig')
  writeFileSync(serverFile, fake.kubeconfig({ token: fake.tokenOf(namespace, serviceAccount) }), { mode: 0o600 })
  return { ground: fake.ground(), serverFile }
}

/** Writes down the audiences that the API server takes for its own, as `joinery-server setup` does. */
const noteAudiences = ({ objects }: FakeKubernetes): void => {
  const namespaces = { group: '', plural: 'namespaces' }
  const object = objects.get(namespaces, namespace)
  if (object === undefined) throw new Error(`there is no Namespace ${namespace}`)
  const annotations = { ...object.metadata.annotations, [audiencesAnnotation]: apiAudience }
  objects.replace(namespaces, { ...object, metadata: { ...object.metadata, annotations } })
}
