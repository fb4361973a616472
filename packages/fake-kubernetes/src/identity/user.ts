/** Somebody who asks, as the API server knows them (apiserver, user.Info). */
export interface User {
  username: string
  uid?: string
  groups: readonly string[]
  extra: Readonly<Record<string, readonly string[]>>
}

/** A request as an authorizer sees it (apiserver, authorizer.Attributes). Of a resource, or of another path. */
export interface Asked {
  user: User
  verb: string
  group: string
  version: string
  resource: string
  subresource: string
  namespace: string
  name: string
  /** Field selector of a list, a watch or a deletion of several. */
  fieldSelector?: string
  /** Path that is no resource. Resource fields are empty then. */
  path?: string
}

/** An answer of an authorizer. An authorizer without an opinion leaves it to the next. */
export interface Verdict {
  allowed: boolean
  reason?: string
}

/** Judges a request of an authenticated user. */
export type Authorize = (asked: Asked) => Verdict
