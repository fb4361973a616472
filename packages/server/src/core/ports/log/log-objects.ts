import type { DocumentSpec, HeadSpec } from './format.ts'

/**
 * The cluster's objects of the log: one head, and the documents. Every call rejects with `NotDone` or with
 * `OutcomeUnknown`, and with nothing else.
 */
export interface LogObjects {
  /** Reads the head, as a quorum of etcd has it. Undefined if there is none. */
  head(): Promise<HeadSpec | undefined>
  makeHead(head: HeadSpec): Promise<'made' | 'exists'>
  /**
   * One JSON Patch that tests `/spec/hash` for `before`, and puts the spec. `other` if the test failed (422), or if the head is
   * gone (404): then the patch surely changed nothing.
   */
  moveHead(before: string, head: HeadSpec): Promise<'moved' | 'other'>
  /** All documents, in pages that are consistent with one another. */
  documents(): AsyncIterable<readonly StoredDocument[]>
  /**
   * Puts the document over the one with this version, or creates it if `version` is undefined. `other` if there is another
   * version (409), if the name is taken (409), or if the document to put over is gone (404).
   */
  writeDocument(
    document: DocumentSpec & { name: string },
    version: string | undefined
  ): Promise<{ version: string } | 'other'>
  readDocument(name: string): Promise<StoredDocument | undefined>
  /** Deletes the document with this version. */
  deleteDocument(name: string, version: string): Promise<'deleted' | 'gone' | 'other'>
}

/** A document as the cluster has it. Its spec is not checked: anybody may have written it. */
export interface StoredDocument {
  name: string
  /** The resourceVersion. */
  version: string
  spec: DocumentSpec
}

/** Gate of the API server, of somebody else, that refuses what this server writes. */
export interface Refuser {
  is: 'webhook' | 'policy'
  name: string
}

/**
 * Error of a call that was surely not carried out: nothing was sent, or the API server refused it (401, 403, 429, a webhook, a
 * schema). Its message says why.
 */
export class NotDone extends Error {
  /** Seconds for which the API server asked to wait. */
  readonly retryAfter: number | undefined
  /** Webhook or policy that refused the call. Undefined if it was the API server itself, or if nothing was sent. */
  readonly refuser: Refuser | undefined

  constructor(
    message: string,
    { retryAfter, refuser, ...options }: ErrorOptions & { retryAfter?: number; refuser?: Refuser } = {}
  ) {
    super(message, options)
    this.name = 'NotDone'
    this.retryAfter = retryAfter
    this.refuser = refuser
  }
}

/** Reason why something cannot be written, and who refuses it if somebody does. */
export interface WhyNot {
  why: string
  refuser?: Refuser
}

export const whyNot = (error: unknown): WhyNot => ({
  why: error instanceof Error ? error.message : String(error),
  ...(error instanceof NotDone && error.refuser !== undefined && { refuser: error.refuser })
})

/**
 * Error of a call that may have been carried out, or may be later: a time-out, a connection that was cut, a 5xx. A read that
 * fails so changed nothing.
 */
export class OutcomeUnknown extends Error {
  /** True if the call is over: a read that begins now says what became of it. */
  readonly isOver: boolean

  constructor(message: string, { isOver = false, ...options }: ErrorOptions & { isOver?: boolean } = {}) {
    super(message, options)
    this.name = 'OutcomeUnknown'
    this.isOver = isOver
  }
}
