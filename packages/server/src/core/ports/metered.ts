import type { InjectionToken } from 'tsyringe'
import type { UnguardedCluster } from './cluster/unguarded-cluster.ts'
import type { AskedObjects, SeenObject } from './objects/asked-objects.ts'
import type { Views } from './objects/views.ts'

/** Gives ports back, whose calls are counted and timed. Everything else of them is as it was. */
export interface Metered {
  cluster(cluster: UnguardedCluster): UnguardedCluster
  views(views: Views): Views
  asked<Objects extends AskedObjects<SeenObject, never>>(part: 'decisions' | 'codes', objects: Objects): Objects
}
export const Metered = Symbol('Metered') as InjectionToken<Metered>
