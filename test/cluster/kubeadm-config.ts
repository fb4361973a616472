import { parse, stringify } from 'yaml'
import type { Bed } from './bed/bed.ts'

/** Adds fields to a document that kubeadm keeps for machines that join, as an administrator does by `kubectl edit`. */
export const addToKubeadmConfig = async (
  bed: Bed,
  [configMap, key]: readonly [configMap: string, key: string],
  fields: object
): Promise<void> => {
  const there = ['--namespace=kube-system', 'get', 'configmap', configMap, '--output=json']
  const { data } = JSON.parse(await bed.kubectl(...there)) as { data: Record<string, string> }
  const patch = JSON.stringify({ data: { [key]: stringify({ ...parse(data[key] ?? ''), ...fields }) } })
  await bed.kubectl('--namespace=kube-system', 'patch', 'configmap', configMap, '--patch', patch)
}
