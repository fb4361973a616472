import { buildJudge } from './build-judge.ts'

/** Question about the log in a folder, by the text of a verifier's key; or for a signature. */
export interface Request {
  folder?: string
  key?: string
  inclusion?: { index: number; leaf: string; proof: string[] }[]
  consistency?: { first: number; root: string; proof: string[] }[]
  sign?: { key: string; text: string }
}

export interface Judged {
  refused: string
  proof: string[]
}

/** Answer to one request. `refused` says why the log is no whole one, and is empty if it is. */
export interface Answer {
  refused: string
  leaves: number
  inclusion: Judged[] | null
  consistency: Judged[] | null
  note: string
}

/** Builds into the folder what judges logs by golang.org/x/mod/sumdb, which knows nothing of ours. Gives what asks it. */
export const buildXMod = (place: string): Promise<(requests: readonly Request[]) => Promise<Answer[]>> =>
  buildJudge('x-mod', place)
