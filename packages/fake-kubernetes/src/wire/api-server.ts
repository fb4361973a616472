import { requireAllowed } from '../identity/authorize.ts'
import type { Asked, User } from '../identity/user.ts'
import { discovery } from '../kinds/discovery.ts'
import type { Kind } from '../kinds/kind.ts'
import type { Kinds } from '../kinds/kinds.ts'
import type { KubeObject } from '../objects/kube-object.ts'
import { notFound, Refused } from '../objects/refused.ts'
import { fieldSelector, labelSelector } from '../patches/selectors.ts'
import { Faults } from './faults.ts'
import { Lists } from './lists.ts'
import { type Answer, json, type Message } from './message.ts'
import { type RequestInfo, requestInfo } from './request-info.ts'
import { type Show, showing } from './shown.ts'
import { Watches } from './watches.ts'
import { create, patch, remove, update, type WriteParts, type WriteQuestion, type Written } from './writes.ts'

/** The rooms that an API server puts together. */
export interface ApiParts extends WriteParts {
  kinds: Kinds
  version: string
  /** Names who asks. Throws `Unauthorized`. */
  authenticate(proof: { certificate?: string; bearer?: string }): User
  /** Names who is meant, if somebody asks for another. Throws `Forbidden`. */
  impersonate(user: User, headers: Readonly<Record<string, string>>): User
  /** Answers a review, a token request and the like: resources that are not stored. Undefined for any other. */
  review(asked: Asked, body: string, query: URLSearchParams): object | undefined
  /** Does what is due by the clock, before a request is answered. */
  due(): void
}

/** One API server: takes a request from authentication to its answer. */
export class ApiServer {
  readonly #parts: ApiParts
  readonly faults = new Faults()
  readonly lists: Lists
  readonly watches: Watches

  constructor(parts: ApiParts) {
    this.#parts = parts
    this.lists = new Lists(parts.objects)
    this.watches = new Watches(parts.objects)
  }

  /** Answers a request once all faults let it pass. Rejects if a fault breaks the connection. */
  readonly handle = (message: Message): Promise<Answer> =>
    this.faults.pass(message, async () => {
      // an answer takes a turn, so that requests of one moment overtake nobody
      await new Promise((resolve) => setImmediate(resolve))
      return this.#answer(message)
    })

  /** Forgets every list that somebody reads, and every change before now: a compaction of etcd. */
  compact(): void {
    this.lists.forget()
    this.#parts.objects.compact()
  }

  #answer(message: Message): Answer {
    try {
      this.#parts.due()
      return this.#answered(message)
    } catch (error) {
      if (error instanceof Refused) return this.#refused(error)
      throw error
    }
  }

  #answered(message: Message): Answer {
    const { url, headers, method, certificate } = message
    const [, bearer] = /^Bearer (.+)$/i.exec(headers.authorization ?? '') ?? []
    const proof = { ...(certificate !== undefined && { certificate }), ...(bearer !== undefined && { bearer }) }
    const known = this.#parts.authenticate(proof)
    const user = this.#parts.impersonate(known, headers)
    const info = requestInfo(method, url)
    requireAllowed(this.#parts.authorize, { ...info, user })
    return info.path === undefined ? this.#ofResource(message, info, user) : this.#ofPath(info.path)
  }

  #ofPath(path: string): Answer {
    const { kinds, version } = this.#parts
    if (path === '/version') return this.#whole(200, versionInfo(version))
    if (['/livez', '/readyz', '/healthz'].includes(path)) return this.#text(200, 'ok')
    const document = discovery(kinds.all(), path)
    if (document === undefined) throw unserved()
    return this.#whole(200, document)
  }

  #ofResource(message: Message, info: RequestInfo, user: User): Answer {
    const { url, headers, body } = message
    const query = url.searchParams
    const review = this.#parts.review({ ...info, user }, body, query)
    if (review !== undefined) return this.#whole(201, review)
    const kind = this.#parts.kinds.find(info.group, info.version, info.resource)
    if (kind === undefined || (info.subresource !== '' && !kind.subresources.includes(info.subresource)))
      throw unserved()
    const show = showing(kind, headers.accept)
    if (info.verb === 'list' || info.verb === 'watch') return this.#several(kind, info, query, show)
    if (info.verb === 'get') return this.#whole(200, show(this.#get(kind, info)))
    const question: WriteQuestion = { kind, info, user, query, headers, body }
    // what subresources make is not the object: of those, only token requests are answered, as reviews are
    const write = info.verb === 'create' && info.subresource !== '' ? undefined : this.#writes[info.verb]
    if (write === undefined)
      throw new Refused(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource')
    const { code, object, warnings } = write(question)
    return this.#whole(code, object.kind === 'Status' || object.kind.endsWith('List') ? object : show(object), warnings)
  }

  readonly #writes: Readonly<Record<string, (question: WriteQuestion) => Written>> = {
    create: (question) => create(this.#parts, question),
    update: (question) => update(this.#parts, question),
    patch: (question) => patch(this.#parts, question),
    delete: (question) => remove(this.#parts, question),
    deletecollection: (question) => this.#removeAll(question)
  }

  #removeAll(question: WriteQuestion): Written {
    const { kind, info, query } = question
    const selects = selection(kind, query)
    const all = this.#parts.objects.list(kind, info.namespace || undefined).filter(selects)
    for (const { metadata } of all) {
      const { name, namespace = '' } = metadata
      remove(this.#parts, { ...question, info: { ...info, name, namespace, verb: 'delete' } })
    }
    const object = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }
    return { code: 200, object: object as unknown as KubeObject, warnings: [] }
  }

  #get(kind: Kind, { name, namespace }: RequestInfo): KubeObject {
    const object = this.#parts.objects.get(kind, name, kind.namespaced ? namespace : '')
    if (object === undefined) throw notFound(kind, name)
    return object
  }

  #several(kind: Kind, { verb, namespace }: RequestInfo, query: URLSearchParams, show: Show): Answer {
    const question = {
      kind,
      namespace: (kind.namespaced && namespace) || undefined,
      query,
      selects: selection(kind, query),
      show
    }
    if (verb === 'list') return this.#whole(200, this.lists.list(question))
    return { code: 200, headers: this.#headers(json), body: this.watches.open(question) }
  }

  /** The answer that refuses a request with this code. */
  refusal(code: number, reason: string, message: string): Answer {
    return this.#refused(new Refused(code, reason, message))
  }

  #refused({ code, reason, message, details }: Refused): Answer {
    const retry = details?.retryAfterSeconds
    const failure = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      details,
      code
    }
    const answer = this.#whole(code, failure)
    return retry === undefined ? answer : { ...answer, headers: { ...answer.headers, 'retry-after': String(retry) } }
  }

  #whole(code: number, body: object, warnings: readonly string[] = []): Answer {
    const warning = warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(', ')
    const headers = this.#headers({ ...json, ...(warning !== '' && { warning }) })
    return { code, headers, body: JSON.stringify(body) }
  }

  #text(code: number, body: string): Answer {
    return { code, headers: this.#headers({ 'content-type': 'text/plain' }), body }
  }

  #headers(own: Readonly<Record<string, string>>): Record<string, string> {
    return { date: this.#parts.now().toUTCString(), ...own }
  }
}

const selection = (kind: Kind, query: URLSearchParams): ((object: KubeObject) => boolean) => {
  const byFields = fieldSelector(kind, query.get('fieldSelector') ?? '')
  const byLabels = labelSelector(query.get('labelSelector') ?? '')
  return (object) => byLabels(object.metadata.labels ?? {}) && byFields(object)
}

/** The 404 of a path that nobody serves. It names no object. */
const unserved = (): Refused => new Refused(404, 'NotFound', 'the server could not find the requested resource', {})

const versionInfo = (gitVersion: string): object => {
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? []
  return {
    major,
    minor,
    gitVersion,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '',
    goVersion: '',
    compiler: 'gc',
    platform: 'linux/amd64'
  }
}
