import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import { stringify } from 'yaml'
import { admission } from './admission/admit.ts'
import { mutatingPlugins, validatingPlugins } from './admission/plugins/plugins.ts'
import { policyAdmission } from './admission/policies.ts'
import { type Controllers, startControllers } from './controllers/controllers.ts'
import { type AccountTokens, accountTokens, apiAudience } from './identity/account-tokens.ts'
import { authenticator } from './identity/authenticate.ts'
import { authorizer } from './identity/authorize.ts'
import { impersonate } from './identity/impersonate.ts'
import { reviewer } from './identity/reviews.ts'
import { Kinds } from './kinds/kinds.ts'
import { type Authority, certificateAuthority, type KeyPair } from './kubeadm/authority.ts'
import { bootstrapObjects } from './kubeadm/bootstrap-objects.ts'
import type { KubeObject } from './objects/kube-object.ts'
import { Objects } from './objects/objects.ts'
import { type ResourceName, textOf } from './objects/refused.ts'
import { ApiServer } from './wire/api-server.ts'
import type { Meet } from './wire/faults.ts'
import { InProcess } from './wire/in-process.ts'
import { type Listening, listen, loopback } from './wire/listen.ts'

/** A cluster at some moment, from which others begin: they have its objects, its CA and its keys. */
export interface Ground {
  objects: ReturnType<Objects['snapshot']>
  authority: Authority
  /** Private key of the tokens of ServiceAccounts. */
  accountKey: KeyObject
  /** Certificate of `kubernetes-admin`. */
  admin: KeyPair
}

export interface FakeOptions {
  now(): Date
  ground: Ground
}

/** Address of the API server in everything that the cluster says of itself. */
const url = 'https://172.30.0.1:6443'
const version = 'v1.37.2'

/** Makes a cluster as `kubeadm init` leaves it, without a Node. */
export const afterKubeadmInit = async (now: () => Date): Promise<FakeKubernetes> => {
  const authority = await certificateAuthority(now)
  const admin = await authority.issueFor({ commonName: 'kubernetes-admin', organizations: ['system:masters'] })
  const { privateKey: accountKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const fake = new FakeKubernetes({ now, ground: { objects: new Map(), authority, accountKey, admin } })
  for (const [resource, object] of bootstrapObjects({
    ca: authority.certificate,
    server: url,
    version,
    kubeProxy: false
  }))
    fake.objects.create(resource, object)
  await fake.controllers.runAll()
  return fake
}

/** A Kubernetes cluster in memory: an API server, its controllers, and nothing that runs Pods. */
export class FakeKubernetes {
  readonly url = url
  readonly objects: Objects
  readonly api: ApiServer
  readonly controllers: Controllers
  readonly authority: Authority
  readonly admin: KeyPair
  readonly #ground: Ground
  readonly #tokens: AccountTokens
  readonly #params: LateParams
  #tokenMemory = 0

  /** Makes a cluster that goes on from `ground`, by another clock. */
  constructor({ now, ground }: FakeOptions) {
    this.#ground = ground
    this.authority = ground.authority
    this.admin = ground.admin
    const objects = new Objects(now)
    this.objects = objects
    const kinds = new Kinds(objects)
    objects.restore(ground.objects)
    this.#tokens = accountTokens(objects, now, ground.accountKey)
    this.#params = new LateParams(objects, now)
    const authenticating = authenticator(objects, {
      now,
      clusterCa: ground.authority.certificate,
      tokens: this.#tokens,
      tokenMemory: () => this.#tokenMemory
    })
    const authorizing = authorizer(objects)
    const { authorize } = authorizing
    const bind = (plugins: typeof mutatingPlugins) =>
      plugins.map((plugin) => (operation: Parameters<typeof plugin>[0]) => plugin(operation, objects, authorize))
    const policies = policyAdmission(objects, authorize, { paramsSeen: (param) => this.#params.seen(param) })
    const admit = admission(bind(mutatingPlugins), bind(validatingPlugins), policies)
    this.controllers = startControllers({ objects, now, authority: ground.authority, authorize })
    const review = reviewer({
      objects,
      now,
      authenticator: authenticating,
      authorizer: authorizing,
      tokens: this.#tokens,
      admit: (step, { user, name, namespace, subresource, version }, object, dryRun) => {
        const kind = kinds.find('', version, 'serviceaccounts')
        if (kind === undefined) throw new Error('there are always ServiceAccounts')
        const options = { kind: 'CreateOptions' }
        admit[step]({ operation: 'CREATE', kind, subresource, name, namespace, user, object, dryRun, options })
      }
    })
    let looked = now().getTime()
    this.api = new ApiServer({
      ...admit,
      objects,
      kinds,
      now,
      version,
      authorize,
      authenticate: (proof) => authenticating.authenticate(proof),
      impersonate: (user, headers) => impersonate(authorize, user, headers),
      review,
      due: () => {
        const time = now().getTime()
        if (Math.abs(time - looked) < 1_000) return
        looked = time
        this.controllers.due()
      }
    })
  }

  /** Makes what carries requests to the API server without a connection. Throws, as TLS does, if the key is not that of the certificate. */
  readonly carrier = (proof: ClientProof): InProcess => new InProcess(this.api.handle, proven(proof))

  /** Serves the API over TLS, at an address of loopback. `meet` meets every request that comes there. `port`: any if absent. */
  async listen(meet: Meet = (_, carryOut) => carryOut(), port?: number): Promise<Listening> {
    const { certificate: ca } = this.authority
    const { certificate: cert, key } = await this.authority.issueFor({
      commonName: 'kube-apiserver',
      hosts: [loopback]
    })
    return listen((message) => meet(message, () => this.api.handle(message)), { ca, cert, key }, port)
  }

  /** Text of a kubeconfig for this user, at the address of the cluster unless another is given. */
  kubeconfig(user: KeyPair | { token: string }, server: string = url): string {
    const data = (text: string): string => Buffer.from(text).toString('base64')
    const proof =
      'token' in user ? user : { 'client-certificate-data': data(user.certificate), 'client-key-data': data(user.key) }
    const cluster = { server, 'certificate-authority-data': data(this.authority.certificate) }
    return stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'kubernetes', cluster }],
      users: [{ name: 'user', user: proof }],
      contexts: [{ name: 'context', context: { cluster: 'kubernetes', user: 'user' } }],
      'current-context': 'context'
    })
  }

  /** A token of the ServiceAccount that is good for ten years: a test may turn the clock. */
  tokenOf(namespace: string, name: string): string {
    const account = this.objects.get({ group: '', plural: 'serviceaccounts' }, name, namespace)
    if (account === undefined) throw new Error(`there is no ServiceAccount ${namespace}/${name}`)
    return this.#tokens.issue(account, { audiences: [apiAudience], seconds: 10 * 365 * 24 * 3600, bound: {} })
  }

  /** The cluster as it is now. */
  ground(): Ground {
    return { ...this.#ground, objects: this.objects.snapshot() }
  }

  /** Remembers a token that was let in once for so many milliseconds, though it be gone. */
  rememberTokens(milliseconds: number): void {
    this.#tokenMemory = milliseconds
  }

  /** Makes policies see each change of this parameter only after so many milliseconds. */
  delayParam(resource: ResourceName, name: string, namespace: string, milliseconds: number): void {
    this.#params.delay(`${textOf(resource)} ${namespace}/${name}`, milliseconds)
  }
}

interface ClientProof {
  cert?: unknown
  key?: unknown
}

const pairs = new Set<string>()

/** The certificate of a pair. OpenSSL lets nobody connect with another key. */
const proven = ({ cert, key }: ClientProof): string | undefined => {
  if (cert === undefined) return undefined
  const pair = `${cert}${key}`
  if (!pairs.has(pair) && !new X509Certificate(String(cert)).checkPrivateKey(createPrivateKey(String(key))))
    throw new Error('key values mismatch')
  pairs.add(pair)
  return String(cert)
}

/** Parameters of policies as an API server sees them whose cache is behind. */
class LateParams {
  readonly #now: () => Date
  readonly #delays = new Map<string, number>()
  /** Earlier versions by the resource version that followed, and when it did. */
  readonly #before = new Map<string, { object: KubeObject | undefined; until: number }>()
  readonly #keys = new Map<string, string>()

  constructor(objects: Objects, now: () => Date) {
    this.#now = now
    objects.follow(({ resource, object, before }) => {
      const { namespace = '', name, uid, resourceVersion } = object.metadata
      const key = `${resource} ${namespace}/${name}`
      if (!this.#delays.has(key)) return
      this.#keys.set(uid, key)
      this.#before.set(resourceVersion, { object: before, until: now().getTime() })
    })
  }

  delay(key: string, milliseconds: number): void {
    this.#delays.set(key, milliseconds)
  }

  seen(param: KubeObject): KubeObject | undefined {
    const delay = this.#delays.get(this.#keys.get(param.metadata.uid) ?? '') ?? 0
    let seen: KubeObject | undefined = param
    while (seen !== undefined) {
      const change = this.#before.get(seen.metadata.resourceVersion)
      if (change === undefined || change.until + delay <= this.#now().getTime()) return seen
      seen = change.object
    }
    return seen
  }
}
