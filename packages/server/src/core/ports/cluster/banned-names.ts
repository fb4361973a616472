/** The ban list, and the generation of the store that is noted on it. */
export interface BannedNames {
  /** The ban list: name to reason. */
  bans(): Promise<ReadonlyMap<string, string>>

  /** Reads `joinery.dev/generation` from the ban list, whoever wrote it. */
  generation(): Promise<NotedGeneration>

  /**
   * Writes the text as `joinery.dev/generation`, if the ban list is still at the version that was read. Otherwise throws
   * `cluster-unavailable`. So no late call takes the number back, and no server overwrites the number of another.
   */
  noteGeneration(text: string, version: string): Promise<void>
}

export interface NotedGeneration {
  /** The first 64 characters of the text, at most. Undefined if there is no such text, or no ban list. */
  text?: string
  /** Version of the ban list as it was read. */
  version: string
}

/** Characters that are kept of the text: more than any that a server writes has. */
export const notedAtMost = 64
