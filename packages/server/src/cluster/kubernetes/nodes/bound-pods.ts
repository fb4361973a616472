import type { Connection } from '@joinery/kube'
import type { BoundPod } from '@joinery/protocol'
import { podsOn } from './pods.ts'

export const boundPods = async (api: Connection, node: string): Promise<BoundPod[]> =>
  (await podsOn(api, node)).map(({ namespace = '', name = '', ownerReferences }) => ({
    namespace,
    name,
    controller: ownerReferences?.find(({ controller }) => controller === true)?.kind ?? ''
  }))
