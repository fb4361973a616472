import type { EnrolmentView, InstallationView } from '@joinery/protocol/door'
import type { InjectionToken } from 'tsyringe'

/**
 * The calls that the server makes to the API server for its views, the objects `Enrolment` and `Installation` of `joinery.dev`.
 * test/contract/views-contract.ts holds over the fake and over the real API server. Each method throws ProblemError `cluster-unavailable`, with the reason, if the API is down or cannot serve, and
 * `NotSetUp` if the cluster lacks the kind or the server lacks the right.
 */
export interface Views {
  /** A page of the objects of this kind, in an order that stays. Undefined if the API server has forgotten the list (410). */
  page(kind: ViewKind, after?: string): Promise<ViewPage | undefined>

  /** The object of that name. Undefined if there is none. */
  read(kind: ViewKind, name: string): Promise<ShownView | undefined>

  /**
   * Writes the object as a whole: its status is `status`, and it has no label, annotation, owner or finalizer. `version`: as the
   * object was seen last. If absent, the object is made, and its generation is 1. The status is a write of its own, so that a crash may
   * leave an object without one.
   */
  put(kind: ViewKind, name: string, status: object, version: string | undefined): Promise<PutResult>

  /** Deletes the object of that name. If it is gone already, that is success. */
  remove(kind: ViewKind, name: string): Promise<void>

  /**
   * Calls `seen` for each object of this kind that was made, changed or deleted, until `signal` aborts. It calls `lost` at the
   * start, and whenever it may have missed something: whoever needs all objects lists them then.
   */
  watch(kind: ViewKind, seen: (view: ShownView) => void, lost: () => void, signal: AbortSignal): void
}
export const Views = Symbol('Views') as InjectionToken<Views>

export const viewKinds = ['enrolments', 'installations'] as const
export type ViewKind = (typeof viewKinds)[number]

export type View = EnrolmentView | InstallationView

/** An object as the API server has it. */
export interface ShownView {
  name: string
  /** Version of the object (`resourceVersion`). A later one is a larger number. */
  version: string
  /** Generation of the object (`metadata.generation`), for which its conditions are written. */
  generation: number
  /** Hash of all that the object holds (`hashOf`). Undefined if it was deleted. */
  hash: string | undefined
}

export interface ViewPage {
  items: ShownView[]
  /** The rest of the list. Absent on the last page. */
  next?: string
}

/**
 * - version: written, and what the object's version is now
 * - conflict: the object is at another version, is there already, or is gone
 * - refused: the API server does not take what the object holds, and why
 */
export type PutResult = { version: string } | { conflict: true } | { refused: string }
