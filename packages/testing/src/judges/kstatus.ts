import { buildJudge } from './build-judge.ts'

/** An object of Kubernetes as the API server gives it, as far as kstatus reads it. */
export interface Judged {
  kind: string
  metadata: { name: string; generation: number }
  status?: unknown
}

/** Verdict of kstatus. `message` is what Flux shows. */
export interface Verdict {
  status: 'InProgress' | 'Failed' | 'Current' | 'Terminating' | 'NotFound' | 'Unknown'
  message: string
}

/** Builds into the folder what judges objects by sigs.k8s.io/cli-utils/pkg/kstatus, as Flux does. Gives what asks it. */
export const buildKstatus = (place: string): Promise<(objects: readonly Judged[]) => Promise<Verdict[]>> =>
  buildJudge('kstatus', place)
