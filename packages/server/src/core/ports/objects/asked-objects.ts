/**
 * Objects of one kind by which operators ask for something, such as Decisions. Each call throws `cluster-unavailable` if the API
 * server does not answer or cannot serve now, and `NotSetUp` if the cluster has not got what the call needs.
 */
export interface AskedObjects<Seen extends SeenObject, Status> {
  /**
   * The next objects by others than the users `without`, which are the same for all pages of a list. Undefined if the cluster has
   * forgotten the list (410), which must then begin again.
   */
  page(limit: number, after?: string, without?: readonly string[]): Promise<ObjectPage<Seen> | undefined>
  /** Asks the cluster whether an object by somebody else would be refused. Nothing is made. */
  probe(): Promise<ProbeAnswer>
  /**
   * Time, by the API server's clock, at which the policy of the kind and its binding were made last. Before that the policy may
   * have been away.
   */
  guardedSince(): Promise<Date>
  /**
   * Says in the status what became of the object. Returns the version that the object has then. Undefined if it has changed, or
   * is gone: nothing was written.
   */
  settle(object: Seen, status: Status): Promise<string | undefined>
  /** Deletes exactly this object. That it is gone already is success. */
  delete(object: Pick<SeenObject, 'name' | 'uid'>): Promise<void>
  /** Calls `changed` if there may be something to do, until `signal` aborts. It never throws, and may miss something. */
  watch(changed: () => void, signal: AbortSignal): void
}

export interface ObjectPage<Seen> {
  items: Seen[]
  /** Place of the next page. Absent if this is the last one. */
  next?: string
}

/** An object as the cluster has it. Nobody has looked at `spec` but the API server, whose schema may be another one. */
export interface SeenObject {
  name: string
  uid: string
  resourceVersion: string
  /** Generation of the object (`metadata.generation`), for which its conditions are written. */
  generation: number
  /** Time at which it was made, by the API server's clock. */
  created: Date
  spec: unknown
}

/**
 * - refused: the policy of the kind refuses it, so each object is by whom it names, and they may
 * - allowed: nothing refuses it, so an object may be by anybody
 * - unknown: something else refuses it, and nothing is known of the policy
 */
export type ProbeAnswer = { answer: 'refused' } | { answer: 'allowed' | 'unknown'; words: string }
